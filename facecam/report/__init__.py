"""What a log says, as one page for people: sections made of sentences, charts and tables, and three ways to write them down."""
