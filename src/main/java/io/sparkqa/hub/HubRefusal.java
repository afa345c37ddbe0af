package io.sparkqa.hub;

import io.sparkqa.config.UserError;
import io.sparkqa.source.HubRepository;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.Optional;

/** Turns the Hub's refusal of a repository or file into an error with a remedy. */
final class HubRefusal {
    private final HubEnvironment environment;
    private final HubRepository repository;

    HubRefusal(HubEnvironment environment, HubRepository repository) {
        this.environment = environment;
        this.repository = repository;
    }

    /**
     * Returns the error for a response that is neither a success nor a redirect.
     *
     * @param file name of the requested file; empty if the repository was requested
     * @param nearest revision or repository that the user may have meant
     */
    UserError of(HttpResponse<?> answer, String file, Optional<String> nearest) {
        String code = answer.headers().firstValue("X-Error-Code").orElse("");
        String message = answer.headers().firstValue("X-Error-Message").orElse("");
        String hint = nearest.map(name -> "; did you mean " + name + "?").orElse("");
        int status = answer.statusCode();
        if (code.equals("GatedRepo")) {
            return new UserError(gated());
        }
        if (code.equals("RevisionNotFound")) {
            return new UserError("%s has no revision %s at %s%s"
                    .formatted(repository.inWords(), repository.revision(), environment.endpoint(), hint));
        }
        if (status == 404 && !file.isEmpty()) {
            return new UserError("%s has no file %s at %s any more; fetch it again"
                    .formatted(repository.inWords(), file, environment.endpoint()));
        }
        if (status == 401 && code.isEmpty() && environment.token().isPresent()) {
            return new UserError(
                    "%s does not accept the access token (401): it may have expired; make a new one on the Hub and set HF_TOKEN, or unset it for what is public"
                            .formatted(environment.endpoint()));
        }
        if (status == 401 || status == 404) {
            String access = environment.token().isPresent()
                    ? "if it is private, the account of your access token may not read it"
                    : "if it is private, set HF_TOKEN to an access token of an account that may read it";
            return new UserError("%s has no %s (%s)%s; %s"
                    .formatted(
                            environment.endpoint(),
                            repository.kind().inWords() + " " + repository,
                            status,
                            hint,
                            access));
        }
        return new UserError("%s: %s refuses access (%s)%s%s"
                .formatted(
                        repository,
                        environment.endpoint(),
                        status,
                        message.isEmpty() ? "" : ": " + message,
                        status == 403 ? "; check whether your access token (HF_TOKEN) may read it" : ""));
    }

    private String gated() {
        URI page = new HubAddresses(environment.endpoint(), repository).page();
        return environment.token().isPresent()
                ? "%s is gated, and the account of your access token (HF_TOKEN) has no access: open %s, log in with that account and accept the conditions"
                        .formatted(repository.inWords(), page)
                : "%s is gated: open %s, log in and accept the conditions, then set HF_TOKEN to an access token of that account"
                        .formatted(repository.inWords(), page);
    }
}
