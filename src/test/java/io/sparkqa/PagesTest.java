package io.sparkqa;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The links, files, commands and packages that the pages name exist. SettingsTableTest checks the settings. */
class PagesTest {
    private static final Path MAIN = Path.of("src/main/java/io/sparkqa");
    private static final Path TESTS = Path.of("src/test/java/io/sparkqa");

    private static final Set<String> LANGUAGES =
            Set.of("sh", "text", "hocon", "sql", "properties", "json", "java", "scala", "python", "cpp", "xml");

    /** What a command needs and a test does not have; {@code hours} stands for time, {@code build} for Maven itself. */
    private static final Set<String> NEEDS = Set.of("network", "cluster", "gpu", "hours", "build");

    /** The first words of commands that are not of this project. */
    private static final Set<String> TOOLS = Set.of(
            "mvn",
            "ssh",
            "cd",
            "git",
            "module",
            "sbatch",
            "squeue",
            "tail",
            "cat",
            "salloc",
            "srun",
            "eval",
            "for",
            "spark-submit");

    private static final Pattern PATH = Pattern.compile(
            "(?<![\\w/.=$}-])(?:jobs|conf|data|docs|slurm-spark|src|\\.ci|target/spark/bin)/[\\w./-]*[\\w/](?![\\w*<])");
    private static final Pattern SCRIPT = Pattern.compile("[\\w-]+(?=\\.sh|\\.sbatch)|HistoryServer|spark-sql");
    private static final Pattern PAGE = Pattern.compile("[\\w/-]+\\.md(?:#[\\w-]+)?");

    @Test
    void everyLinkLeadsSomewhere() {
        List<String> broken = new ArrayList<>();
        for (Path page : Pages.all()) {
            for (String link : Pages.links(page)) {
                if (!link.startsWith("https://") && !leadsSomewhere(page, link)) {
                    broken.add(page + ": " + link);
                }
            }
        }
        assertThat(broken).isEmpty();
    }

    private static boolean leadsSomewhere(Path page, String link) {
        String[] parts = link.split("#", 2);
        Path target = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]).normalize();
        return Files.exists(target)
                && (parts.length == 1 || Pages.anchors(target).contains(parts[1]));
    }

    @Test
    void everyPageIsReachedFromTheReadme() {
        assertThat(Pages.links(Path.of("README.md")))
                .containsAll(Pages.all().stream()
                        .map(Path::toString)
                        .filter(page -> !page.equals("README.md"))
                        .toList());
    }

    @Test
    void everyFileThatAPageNamesIsThere() {
        List<String> missing = new ArrayList<>();
        for (Path page : Pages.all()) {
            List<String> code = new ArrayList<>(Pages.codeSpans(page));
            Pages.fences().stream()
                    .filter(fence ->
                            fence.page().equals(page) && fence.language().equals("sh"))
                    .forEach(fence -> code.addAll(fence.commands()));
            for (String text : code) {
                PATH.matcher(text)
                        .results()
                        .map(found -> found.group().replaceFirst("^target/spark/bin/", "src/main/spark/"))
                        .filter(path -> !path.matches(".*[A-Z]{4}.*|conf/(mine|my)\\.conf"))
                        .filter(path -> Files.notExists(Path.of(path)))
                        .forEach(path -> missing.add(page + ": " + path));
                if (text.matches("[a-z]+/\\w+\\.java") && Files.notExists(MAIN.resolve(text))) {
                    missing.add(page + ": " + text);
                }
            }
        }
        assertThat(missing).isEmpty();
    }

    @Test
    void everyBlockOfCodeNamesItsLanguageAndCommandsSayHowTheyAreTested() {
        List<String> unclear = new ArrayList<>();
        for (Pages.Fence fence : Pages.fences()) {
            String mark = fence.mark();
            boolean clear = LANGUAGES.contains(fence.language())
                    && (fence.language().equals("sh")
                            ? mark.equals("run") || mark.startsWith("by ") || NEEDS.contains(mark)
                            : mark.isEmpty());
            if (!clear) {
                unclear.add("%s: ```%s %s, %s"
                        .formatted(
                                fence.page(),
                                fence.language(),
                                mark,
                                fence.text().lines().findFirst()));
            }
        }
        assertThat(Pages.fences()).isNotEmpty();
        assertThat(unclear).isEmpty();
    }

    @Test
    void everyCommandIsOneOfThisProjectOrAKnownTool() {
        assertThat(commands()
                        .map(command -> command.replaceFirst("^(\\w+=\\S+ )+", ""))
                        .map(command -> command.split(" ", 2)[0])
                        .filter(word -> !PATH.matcher(word).matches()))
                .isSubsetOf(TOOLS);
    }

    private static Stream<String> commands() {
        return Pages.fences().stream()
                .filter(fence -> fence.language().equals("sh"))
                .flatMap(fence -> fence.commands().stream());
    }

    /** The test that a block {@code sh by NAME} names exists, and its source or a file beside it names the command's script. */
    @Test
    void theTestsThatAreSaidToRunCommandsNameThem() throws IOException {
        List<String> wrong = new ArrayList<>();
        for (Pages.Fence fence : Pages.fences()) {
            if (!fence.mark().startsWith("by ")) {
                continue;
            }
            Optional<Path> test = test(fence.mark().substring("by ".length()));
            String sources = test.isPresent() ? sourcesBeside(test.get()) : "";
            for (String command : fence.commands()) {
                Matcher script = SCRIPT.matcher(command);
                if (!script.find()
                        || !Pattern.compile("\\b" + script.group() + "\\b")
                                .matcher(sources)
                                .find()) {
                    wrong.add("%s: %s, %s".formatted(fence.page(), fence.mark(), command));
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    private static String sourcesBeside(Path test) throws IOException {
        try (Stream<Path> beside = Files.list(test.getParent())) {
            return beside.filter(Files::isRegularFile).map(Pages::read).collect(Collectors.joining());
        }
    }

    private static Optional<Path> test(String name) throws IOException {
        try (Stream<Path> files = Files.walk(TESTS)) {
            return files.filter(file -> file.getFileName().toString().equals(name + ".java"))
                    .findFirst();
        }
    }

    @Test
    void whatProgramsSayAboutPagesIsTrue() throws IOException {
        List<String> broken = new ArrayList<>();
        for (String folder : List.of("src/main", "jobs", "conf", "slurm-spark", "data", ".ci")) {
            try (Stream<Path> files = Files.walk(Path.of(folder))) {
                files.filter(file -> file.toString().matches(".*\\.(java|sh|conf|sbatch)|jobs/\\w+|\\.ci/\\w+"))
                        .filter(Files::isRegularFile)
                        .forEach(file -> PAGE.matcher(Pages.read(file))
                                .results()
                                .map(found -> found.group())
                                .filter(name -> !leadsSomewhere(Path.of("README.md"), name))
                                .forEach(name -> broken.add(file + ": " + name)));
            }
        }
        assertThat(broken).isEmpty();
    }

    @Test
    void theDrawnHouseIsTheOneThatHouseTestHolds() {
        List<Set<String>> drawn = new ArrayList<>();
        boolean first = false;
        for (String line : new GeneratedTable("docs/architecture.md", "floors")
                .text()
                .lines()
                .toList()) {
            if (line.startsWith("┌") || line.startsWith("├")) {
                first = true;
            } else if (first && line.startsWith("│")) {
                Set<String> floor = new TreeSet<>();
                for (String cell : line.substring(1, line.length() - 1).split("│", -1)) {
                    floor.add(cell.strip().split(" ", 2)[0]);
                }
                drawn.add(floor);
                first = false;
            }
        }
        assertThat(drawn).isEqualTo(HouseTest.FLOORS);
    }

    @Test
    void theQueriesTableIsMadeOfTheirFirstLines() throws IOException {
        try (Stream<Path> queries = Files.list(Path.of("jobs/sql"))) {
            new GeneratedTable("docs/user-guide.md", "queries")
                    .holds(queries.sorted()
                            .map(query -> "| [`%s`](../%s) | %s |%n"
                                    .formatted(
                                            query,
                                            query,
                                            Pages.read(query)
                                                    .lines()
                                                    .findFirst()
                                                    .orElseThrow()
                                                    .substring(3)))
                            .collect(Collectors.joining("", "| query | what it tells |\n| --- | --- |\n", "")));
        }
    }

    /** Finds rows that no test makes; {@link Difference} finds rows that are missing. */
    @Test
    void everyRowOfTheDifferencesIsMadeByATest() throws IOException {
        String sources;
        try (Stream<Path> files = Files.walk(TESTS)) {
            sources = files.filter(file -> file.toString().endsWith("Test.java"))
                    .map(Pages::read)
                    .collect(Collectors.joining());
        }
        List<String> ends = Pattern.compile("new Difference\\((?:[^;\"]*)\"([^\"]*)\"")
                .matcher(sources)
                .results()
                .map(found -> found.group(1))
                .toList();
        assertThat(Difference.rows().keySet())
                .isNotEmpty()
                .allSatisfy(row -> assertThat(ends).as(row).anyMatch(row::endsWith));
    }

    @Test
    void theClassesThatTheGuideNamesExistAndArePublic() {
        List<String> missing = new ArrayList<>();
        Pattern.compile("(?m)^\\| `io\\.sparkqa\\.(\\w+)` \\| ([^|]*) \\|")
                .matcher(Pages.read(Path.of("docs/user-guide.md")))
                .results()
                .forEach(row -> {
                    for (String name : row.group(2).replace("`", "").split(", ", -1)) {
                        Path file = MAIN.resolve(row.group(1)).resolve(name + ".java");
                        if (Files.notExists(file)
                                || !Pages.read(file).matches("(?s).*\\npublic [^\n]*\\b" + name + "\\b.*")) {
                            missing.add(row.group(1) + "." + name);
                        }
                    }
                });
        assertThat(missing).isEmpty();
    }

    @Test
    void theReadmeIsShort() throws IOException {
        assertThat(Files.size(Path.of("README.md"))).isLessThanOrEqualTo(12 * 1024);
    }
}
