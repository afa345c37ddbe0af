package io.sparkqa.demo;

import java.util.Locale;

/** Why a question has an answer in its paragraph or has none. */
enum Kind {
    /** The paragraph states it. */
    ANSWERABLE,
    /** The paragraph states the relation of others, and never names the entity asked about. */
    SWAPPED,
    /** The paragraph names the entity, and states the relation of another one only. */
    OTHERENTITY,
    /** The paragraph states only the contrary of what is asked for. */
    CONTRARY;

    /** The word that stands for the kind in a question's id. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
