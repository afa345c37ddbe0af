package io.sparkqa.job;

import io.sparkqa.run.SqlTables;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;
import org.jline.reader.Parser;
import org.jline.reader.impl.DefaultParser;

/** Completes queries: names of tables, of their columns, of the queries of {@code jobs/sql/}, and words of SQL. */
final class SqlCompleter implements Completer {
    /** Splits a line into names, commands and files; whatever else SQL has stands between them. */
    static final Parser PARSER = new DefaultParser() {
        @Override
        public boolean isDelimiterChar(CharSequence line, int position) {
            char c = line.charAt(position);
            return !Character.isJavaIdentifierPart(c) && ".-/:".indexOf(c) < 0;
        }
    };

    private static final List<String> WORDS = List.of(
            "SELECT",
            "FROM",
            "WHERE",
            "GROUP",
            "ORDER",
            "BY",
            "HAVING",
            "LIMIT",
            "JOIN",
            "USING",
            "ON",
            "AS",
            "AND",
            "OR",
            "NOT",
            "NULL",
            "DISTINCT",
            "DESC",
            "DESCRIBE",
            "UNION",
            "ALL",
            "WITH",
            "CASE",
            "WHEN",
            "THEN",
            "ELSE",
            "END",
            "count",
            "sum",
            "avg",
            "min",
            "max",
            "round",
            "explode",
            "size");

    private final SqlTables tables;
    private List<Candidate> names = List.of();

    SqlCompleter(SqlTables tables) {
        this.tables = tables;
    }

    @Override
    public void complete(LineReader reader, ParsedLine line, List<Candidate> candidates) {
        if (line.word().startsWith(":")) {
            add(candidates, "commands", SqlConversation.COMMANDS);
        } else if (line.words().get(0).equals(":format")) {
            add(candidates, "formats", RowFormat.names());
        } else {
            if (line.wordIndex() == 0) {
                add(candidates, "queries", ShippedQueries.all().keySet());
            }
            add(candidates, "words", WORDS);
            candidates.addAll(names());
        }
    }

    /** Opens the tables when a name is completed for the first time. */
    private List<Candidate> names() {
        if (names.isEmpty()) {
            Set<String> columns = new LinkedHashSet<>();
            List<String> found = tables.names();
            found.forEach(table -> columns.addAll(tables.columns(table)));
            List<Candidate> all = new ArrayList<>();
            add(all, "tables", found);
            add(all, "columns", columns);
            names = all;
        }
        return names;
    }

    private static void add(List<Candidate> candidates, String group, Iterable<String> names) {
        names.forEach(name -> candidates.add(new Candidate(name, name, group, null, null, null, true)));
    }
}
