"""Messages stand in no index that another one begins with, nor in those of columns they leave empty."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("inbox", "0007_attachment_file")]

    operations: ClassVar = [
        migrations.AlterField(
            model_name="conversation",
            name="reply_key",
            field=models.CharField(
                help_text="The random token in the reply address of our mails.", max_length=32, null=True
            ),
        ),
        migrations.AlterField(
            model_name="message",
            name="answers",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="answered_by",
                to="inbox.message",
            ),
        ),
        migrations.AlterField(
            model_name="message",
            name="author",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="Out: who approved.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="directory.colleague",
            ),
        ),
        migrations.AlterField(
            model_name="message",
            name="conversation",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="messages",
                to="inbox.conversation",
            ),
        ),
        migrations.AlterField(
            model_name="message",
            name="expert",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="Out: whose knowledge it is; for the signature.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="directory.colleague",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(condition=models.Q(("author__isnull", False)), fields=["author"], name="message_author"),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(condition=models.Q(("expert__isnull", False)), fields=["expert"], name="message_expert"),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("answers__isnull", False)), fields=["answers"], name="message_answers"
            ),
        ),
        migrations.AddConstraint(
            model_name="conversation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("reply_key__isnull", False)), fields=("reply_key",), name="conv_reply_key"
            ),
        ),
    ]
