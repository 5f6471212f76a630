"""What every platform of Meta has in common: its graph, its signatures, its ways to write ids and moments."""
