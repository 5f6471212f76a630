"""From a spreadsheet to rows in the database, in steps that save nothing before the last:
`sheets` reads bytes, `columns` guesses what each column holds, `people` finds whom a name means, `topic_plan` and
`colleague_plan` say what each row would do. Values in, values out; `actions/imports.py` writes."""
