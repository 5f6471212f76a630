"""Facebook: what people write under our page's posts, and to our page by Messenger."""

from ganzohr.channels.connectors.facebook.connector import Facebook

connector = Facebook()
