"""What a text is: language, kind, topic, mood, urgency. Plain Python: values in, values out; knows no inbox.

Where to look: `understanding.py` is the door (`train`, `understand`); `classifier.py` is the learning.
"""
