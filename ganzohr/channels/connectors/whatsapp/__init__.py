"""WhatsApp by Meta's Cloud API: private talks with people who wrote to our number."""

from ganzohr.channels.connectors.whatsapp.connector import WhatsApp

connector = WhatsApp()

__all__ = ["connector"]
