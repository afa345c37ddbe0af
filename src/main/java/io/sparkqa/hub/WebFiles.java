package io.sparkqa.hub;

import io.sparkqa.config.UserError;
import io.sparkqa.files.Checksum;
import io.sparkqa.source.Source;
import io.sparkqa.source.WebAddress;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;

/**
 * Requests a single file of the web. In the cache it is a data set of one file. Since the web has no commits, a hash of
 * address, size, and ETag or time of last change identifies its version.
 */
final class WebFiles {
    /** The only revision of a file of the web. */
    static final String REVISION = "main";

    /** Prefix of a blob's name, which distinguishes the name from a checksum. */
    private static final String BLOB = "web-";

    /** Responses of servers that don't support or allow HEAD requests. */
    private static final Set<Integer> NO_HEAD = Set.of(400, 403, 405, 501);

    private final Requests requests;

    WebFiles(Requests requests) {
        this.requests = requests;
    }

    /**
     * Returns the file's size and version.
     *
     * @throws UserError if the server refuses the file or does not announce its size
     */
    RemoteFile file(Source.Web web) throws InterruptedException {
        URI address = web.address();
        HttpResponse<InputStream> answer = requests.retries(address).until(() -> {
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
                        "%s: the server does not announce the file's size, so it is not fetched; download it by hand and set its path instead"
                                .formatted(WebAddress.inWords(address))));
        String version = answer.headers()
                .firstValue("ETag")
                .or(() -> answer.headers().firstValue("Last-Modified"))
                .orElse("");
        Checksum blob = Checksum.sha256();
        blob.add((address + "\n" + version + "\n" + size).getBytes(StandardCharsets.UTF_8));
        return new RemoteFile(name(web), address, size, BLOB + blob.hex(), web.sha256());
    }

    /** Returns the name of a file in its snapshot: the last part of its address, if that is a safe name. */
    static String name(Source.Web web) {
        String path = Optional.ofNullable(web.address().getPath()).orElse("");
        String last = path.substring(path.lastIndexOf('/') + 1);
        return SafeName.isPart(last) ? last : "data";
    }

    /** Returns the name of a file's version, in place of a commit. */
    static String commit(RemoteFile file) {
        return file.blob().substring(BLOB.length(), BLOB.length() + 40);
    }

    /** Returns the error for a server's refusal of a file. */
    static UserError refusal(URI address, int status) {
        String reason =
                switch (status) {
                    case 401,
                            403 -> "the server refuses access (%s); download the file by hand and set its path instead"
                            .formatted(status);
                    case 404, 410 -> "there is no file at this address (%s); check the spelling".formatted(status);
                    default -> "the server answers %s; try again later".formatted(status);
                };
        return new UserError("%s: %s".formatted(WebAddress.inWords(address), reason));
    }
}
