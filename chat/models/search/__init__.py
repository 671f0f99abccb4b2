"""Search: find sealed messages by their words, with an index that contains no plain word.

message_search.py   a search: open the candidates, compare them, return the hits
candidates.py       the messages that may match, newest first, from the index
query.py            a query: words, phrases, filters (query_parts, query_names, phrase, signs)
body.py             where a text contains the words of a query
indexer.py          bring a room's index up to the head of its log
block_writer.py     write the blocks of the index
index_blocks.py     which messages are in which block; how far a room is indexed
index_records.py    the sealed records of the blocks
index_lease.py      the right of one process to write a room's index
blind_index.py      words as tokens, posting lists as bytes
"""
