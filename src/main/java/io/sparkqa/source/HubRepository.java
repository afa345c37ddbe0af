package io.sparkqa.source;

/**
 * A model or data set of the HuggingFace Hub at a revision.
 *
 * @param id {@code org/name}, or the bare name of an old model
 * @param revision branch, tag, commit or {@code refs/pr/N}
 */
public record HubRepository(Kind kind, String id, String revision) {
    /** The kinds of repositories. */
    public enum Kind {
        MODEL("model"),
        DATASET("data set");

        private final String inWords;

        Kind(String inWords) {
            this.inWords = inWords;
        }

        /** Returns {@code model} or {@code data set}. */
        public String inWords() {
            return inWords;
        }
    }

    /** Returns {@code the model org/name}, for messages. */
    public String inWords() {
        return "the " + kind.inWords() + " " + this;
    }

    /** Returns the name in the form of a configuration file. */
    @Override
    public String toString() {
        return revision.equals("main") ? id : id + "@" + revision;
    }
}
