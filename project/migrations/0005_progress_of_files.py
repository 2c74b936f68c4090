from django.db import migrations, models


def complete_ones_are_read(apps, schema_editor):
    apps.get_model("project", "SourceFile").objects.filter(state="complete").update(progress=1.0)


class Migration(migrations.Migration):
    dependencies = [
        ("project", "0004_failed_tries"),
    ]

    operations = [
        migrations.AddField(
            model_name="sourcefile",
            name="progress",
            field=models.FloatField(default=0.0, help_text="fraction of the file that is read, 0 to 1"),
        ),
        migrations.RunPython(complete_ones_are_read, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="fileproblem",
            name="kind",
            field=models.CharField(
                choices=[
                    ("rejected", "Rejected"),
                    ("conflict", "Conflict"),
                    ("duplicate", "Duplicate"),
                    ("passed", "passed over"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="sourcefile",
            constraint=models.CheckConstraint(
                condition=models.Q(("progress__gte", 0), ("progress__lte", 1)),
                name="file_progress_between_0_and_1",
            ),
        ),
    ]
