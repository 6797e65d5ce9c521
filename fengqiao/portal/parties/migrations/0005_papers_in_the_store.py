from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("parties", "0004_papers")]

    operations = [
        migrations.RemoveField(model_name="authorisation", name=name)
        for name in ("document", "document_name", "document_type", "document_size")
    ]
