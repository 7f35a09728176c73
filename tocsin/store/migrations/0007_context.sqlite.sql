create virtual table incident_search using fts5(incident unindexed, words, tokenize = "unicode61");
