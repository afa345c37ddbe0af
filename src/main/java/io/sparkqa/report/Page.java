package io.sparkqa.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Puts template, style, scripts and data together. The page's Content-Security-Policy allows only these scripts and styles,
 * by their digests. The data are JSON without {@code <}, or Base64.
 */
final class Page {
    private static final String D3_VERSION = "/META-INF/maven/org.webjars.npm/d3/pom.properties";

    /** A place in the template that is replaced with a text. */
    private static final Pattern PLACE = Pattern.compile("\\{\\{(\\w+)}}");

    private final String template = resource("report.html");
    private final String style = resource("report.css");
    private final String d3 = d3();
    private final String script = resource("report.js");

    /**
     * Returns the page.
     *
     * @param data data of the charts, JSON in UTF-8
     * @param questions data of the list of questions, compressed JSON
     */
    String html(String title, byte[] data, byte[] questions) {
        String json = new String(data, StandardCharsets.UTF_8).replace("<", "\\u003c");
        Map<String, String> texts = Map.of(
                "policy", policy(),
                "title", escaped(title),
                "style", style,
                "d3", d3,
                "script", script,
                "questions", Base64.getEncoder().encodeToString(questions),
                "data", json);
        return PLACE.matcher(template).replaceAll(place -> Matcher.quoteReplacement(texts.get(place.group(1))));
    }

    /** Returns a digest of template, style and scripts, which identifies their version. */
    String digest() {
        return digest(template + policy());
    }

    private String policy() {
        return "default-src 'none'; script-src %s %s; style-src %s; img-src data:; base-uri 'none'; form-action 'none'"
                .formatted(digest(d3), digest(script), digest(style));
    }

    /** Returns the source expression of CSP level 2 that allows an inline text. */
    private static String digest(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    /** Returns the library from its WebJar, including the licence line. */
    private static String d3() {
        Properties properties = new Properties();
        try (InputStream in = Page.class.getResourceAsStream(D3_VERSION)) {
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return resource(
                "/META-INF/resources/webjars/d3/%s/dist/d3.min.js".formatted(properties.getProperty("version")));
    }

    private static String resource(String name) {
        try (InputStream in = Page.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
