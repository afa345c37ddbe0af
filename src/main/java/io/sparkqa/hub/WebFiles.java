package io.sparkqa.hub;

import io.sparkqa.config.UserError;
import io.sparkqa.files.Checksum;
import io.sparkqa.source.Source;
import io.sparkqa.source.WebAddress;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * Asks for a single file of the web. In the cache it is a data set of one file; since the web has no commits, what tells
 * its versions apart is made of its ETag or the time of its last change.
 */
final class WebFiles {
    /** The one revision that a file of the web has. */
    static final String REVISION = "main";

    /** Begins a blob's name, so that it is not taken for a checksum. */
    private static final String BLOB = "web-";

    /** Answers of servers that do not know, or do not allow, questions about a file without the file. */
    private static final Set<Integer> NO_HEAD = Set.of(400, 403, 405, 501);

    private final Requests requests;

    WebFiles(Requests requests) {
        this.requests = requests;
    }

    /**
     * What the file is.
     *
     * @throws UserError if the server does not give it out, or does not announce its size
     */
    RemoteFile file(Source.Web web) throws InterruptedException {
        URI address = web.address();
        HttpResponse<InputStream> answer = requests.patience(address).until(() -> {
            HttpResponse<InputStream> head = requests.send("HEAD", address, 0, Requests.Redirects.EVERYWHERE);
            head.body().close();
            if (!NO_HEAD.contains(head.statusCode())) {
                return head;
            }
            HttpResponse<InputStream> get = requests.send("GET", address, 0, Requests.Redirects.EVERYWHERE);
            get.body().close();
            return get;
        });
        if (answer.statusCode() != 200) {
            throw refusal(address, answer.statusCode());
        }
        long size = answer.headers()
                .firstValue("Content-Length")
                .filter(text -> text.matches("\\d{1,15}"))
                .map(Long::valueOf)
                .orElseThrow(() -> new UserError(
                        "%s: the server does not announce the file's size, so it is not fetched; bring it by hand and name its path"
                                .formatted(WebAddress.inWords(address))));
        String version = answer.headers()
                .firstValue("ETag")
                .or(() -> answer.headers().firstValue("Last-Modified"))
                .orElse("");
        Checksum blob = Checksum.sha256();
        blob.add((address + "\n" + version + "\n" + size).getBytes(StandardCharsets.UTF_8));
        return new RemoteFile(web.name(), address, size, BLOB + blob.hex(), web.sha256());
    }

    /** What stands for the commit that a version of a file is. */
    static String commit(RemoteFile file) {
        return file.blob().substring(BLOB.length(), BLOB.length() + 40);
    }

    /** Says why a server does not give out a file. */
    static UserError refusal(URI address, int status) {
        String reason =
                switch (status) {
                    case 401, 403 -> "the server does not give it to you (%d); bring it by hand and name its path"
                            .formatted(status);
                    case 404, 410 -> "there is nothing at this address (%d); see whether it is spelt right"
                            .formatted(status);
                    default -> "the server answers %d".formatted(status);
                };
        return new UserError("%s: %s".formatted(WebAddress.inWords(address), reason));
    }
}
