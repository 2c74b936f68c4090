from django.db import migrations

ROLES = ("viewer", "shifter", "expert", "admin")


def make_groups(apps, schema_editor):
    groups = apps.get_model("auth", "Group").objects.using(schema_editor.connection.alias)
    for role in ROLES:
        groups.get_or_create(name=role)


class Migration(migrations.Migration):
    """One group per role. They are never removed: an administrator may have put people into them."""

    dependencies = (("project", "0001_initial"), ("auth", "0012_alter_user_first_name_max_length"))
    operations = (migrations.RunPython(make_groups, migrations.RunPython.noop),)
