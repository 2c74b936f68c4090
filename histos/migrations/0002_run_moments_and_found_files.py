import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("histos", "0001_initial"),
        ("project", "0005_progress_of_files"),
        ("runs", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="monitoringelement",
            name="axes",
            field=models.JSONField(
                help_text="x first: lower, upper, bins; edges where irregular; flow false where unknown"
            ),
        ),
        migrations.CreateModel(
            name="FoundFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("path", models.CharField(max_length=4096)),
                ("place", models.CharField(help_text="SHA-256 of the path", max_length=64, unique=True)),
                ("size", models.BigIntegerField(help_text="bytes")),
                ("modified", models.BigIntegerField(help_text="nanoseconds since 1970")),
                ("sha256", models.CharField(db_index=True, max_length=64)),
                ("reader", models.CharField(blank=True, max_length=64)),
                (
                    "datasets",
                    models.JSONField(default=list, help_text="what its histograms are loaded into"),
                ),
                (
                    "problem",
                    models.CharField(blank=True, help_text="why it was not queued", max_length=500),
                ),
                ("seen", models.DateTimeField(auto_now=True)),
                (
                    "copy_of",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="copies",
                        to="histos.foundfile",
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="project.job",
                    ),
                ),
            ],
            options={
                "ordering": ("-id",),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("copy_of", None)),
                        fields=("sha256",),
                        name="content_is_found_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RunMoments",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("element", models.CharField(max_length=512)),
                ("path", models.CharField(max_length=512)),
                ("entries", models.FloatField()),
                ("mean", models.FloatField(null=True)),
                ("rms", models.FloatField(null=True)),
                ("skewness", models.FloatField(null=True)),
                ("kurtosis", models.FloatField(null=True)),
                (
                    "dataset",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="histos.dataset",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="project.sourcefile",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="moments",
                        to="runs.run",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "run moments",
                "indexes": [
                    models.Index(fields=["element", "dataset", "run"], name="run_moments_by_element")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("run", "dataset", "path"), name="run_moments_once")
                ],
            },
        ),
    ]
