"""Messages stand in no index that another one begins with, nor in those of columns they leave empty.

Millions of messages are read meanwhile and new ones come in, so each index is built and dropped beside them, the new
before the old. Any step may have happened already: what broke off begins again. The foreign keys stay as they are; an
AlterField would drop them and read all messages to make them anew.
"""

from typing import ClassVar

import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

DROP = "DROP INDEX CONCURRENTLY IF EXISTS "
UNIQUE = "CREATE UNIQUE INDEX CONCURRENTLY conv_reply_key ON inbox_conversation (reply_key) WHERE reply_key IS NOT NULL"


def rebuilt(name: str) -> list[Operation]:
    """An index of messages where this column is filled."""
    index = models.Index(condition=models.Q((f"{name}__isnull", False)), fields=[name], name=f"message_{name}")
    return [migrations.RunSQL(f"{DROP}message_{name}"), AddIndexConcurrently(model_name="message", index=index)]


class Migration(migrations.Migration):
    atomic = False
    dependencies: ClassVar = [("inbox", "0007_attachment_file")]

    operations: ClassVar = [
        migrations.RunSQL(f"{DROP}conv_reply_key"),
        migrations.RunSQL(
            UNIQUE,
            state_operations=[
                migrations.AlterField(
                    model_name="conversation",
                    name="reply_key",
                    field=models.CharField(
                        help_text="The random token in the reply address of our mails.", max_length=32, null=True
                    ),
                ),
                migrations.AddConstraint(
                    model_name="conversation",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("reply_key__isnull", False)), fields=("reply_key",), name="conv_reply_key"
                    ),
                ),
            ],
        ),
        migrations.RunSQL("ALTER TABLE inbox_conversation DROP CONSTRAINT IF EXISTS inbox_conversation_reply_key_key"),
        migrations.RunSQL(f"{DROP}inbox_conversation_reply_key_dc188d23_like"),
        *rebuilt("author"),
        *rebuilt("expert"),
        *rebuilt("answers"),
        migrations.RunSQL(f"{DROP}inbox_message_author_id_6fb862c9"),
        migrations.RunSQL(f"{DROP}inbox_message_expert_id_ba4ccf9a"),
        migrations.RunSQL(f"{DROP}inbox_message_answers_id_63f50417"),
        migrations.RunSQL(
            f"{DROP}inbox_message_conversation_id_37bc0d72",
            state_operations=[
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
            ],
        ),
    ]
