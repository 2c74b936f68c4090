import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('project', '0001_initial'),
        ('runs', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='run',
            name='attributes',
            field=models.JSONField(blank=True, default=dict, help_text='what else is told of it, by name: a value, or {"value": 95.2, "unit": "kHz"}'),
        ),
        migrations.CreateModel(
            name='Fill',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('experiment', models.CharField(default='CMS', max_length=64)),
                ('number', models.IntegerField()),
                ('start_time', models.DateTimeField(blank=True, null=True)),
                ('end_time', models.DateTimeField(blank=True, null=True)),
                ('energy', models.FloatField(blank=True, help_text='GeV', null=True)),
                ('peak_pileup', models.FloatField(blank=True, help_text='highest mean interactions per bunch crossing', null=True)),
                ('delivered_luminosity', models.FloatField(blank=True, help_text='pb⁻¹', null=True)),
                ('recorded_luminosity', models.FloatField(blank=True, help_text='pb⁻¹', null=True)),
                ('attributes', models.JSONField(blank=True, default=dict, help_text='what else is told of it, by name: a value, or {"value": 95.2, "unit": "kHz"}')),
                ('file', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='project.sourcefile')),
            ],
            options={
                'ordering': ('experiment', 'number'),
            },
        ),
        migrations.AddConstraint(
            model_name='fill',
            constraint=models.UniqueConstraint(fields=('experiment', 'number'), name='fill_once_per_experiment'),
        ),
        migrations.AddConstraint(
            model_name='fill',
            constraint=models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='fill_number_from_one'),
        ),
    ]
