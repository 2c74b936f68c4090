import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('runs', '0002_fill_run_attributes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name='certification',
            index=models.Index(fields=['flag', 'source', 'version'], name='certification_by_flag'),
        ),
        migrations.CreateModel(
            name='LumiMask',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('experiment', models.CharField(default='CMS', max_length=64)),
                ('name', models.CharField(help_text='as the file is called, without .json', max_length=128)),
                ('version', models.IntegerField(help_text='counts from 1 for each name')),
                ('kind', models.CharField(choices=[('golden', 'golden: good for physics'), ('muon', 'muon: good for muons'), ('dcs-only', 'DCS-only: all detectors powered'), ('ml', 'by models and thresholds'), ('other', 'another choice')], max_length=8)),
                ('ranges', models.TextField(help_text='{"316187": [[1, 1091], [1093, 1100]]}, in order and merged')),
                ('sha256', models.CharField(help_text='of the ranges as text', max_length=64)),
                ('first_run', models.BigIntegerField(help_text='first run that was looked at')),
                ('last_run', models.BigIntegerField(help_text='last run that was looked at')),
                ('n_runs', models.IntegerField(help_text='runs with any lumisection in it')),
                ('n_lumisections', models.BigIntegerField(help_text='lumisections in it; of runs taken whole, those known then')),
                ('n_without_luminosity', models.BigIntegerField(help_text='lumisections in it whose luminosity was not known')),
                ('recorded_luminosity', models.FloatField(help_text='pb⁻¹ recorded in it, as known then')),
                ('delivered_luminosity', models.FloatField(help_text='pb⁻¹ delivered in it, as known then')),
                ('recorded_total', models.FloatField(help_text='pb⁻¹ recorded in all runs looked at, as known then')),
                ('faults', models.JSONField(default=list, help_text='what was the matter with it, and put right')),
                ('provenance', models.JSONField(default=dict, help_text='from what, how and by whom it was made')),
                ('comment', models.TextField(blank=True)),
                ('simulated', models.BooleanField(default=False)),
                ('created', models.DateTimeField(auto_now_add=True)),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('parents', models.ManyToManyField(related_name='children', to='runs.lumimask')),
            ],
            options={
                'verbose_name': 'lumisection mask',
                'ordering': ('-id',),
                'constraints': [
                    models.UniqueConstraint(fields=('experiment', 'name', 'version'), name='lumi_mask_version_once'),
                    models.CheckConstraint(condition=models.Q(('version__gte', 1)), name='lumi_mask_version_from_one'),
                    models.CheckConstraint(condition=models.Q(('last_run__gte', models.F('first_run'))), name='lumi_mask_runs_in_order'),
                ],
            },
        ),
    ]
