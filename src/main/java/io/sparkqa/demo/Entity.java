package io.sparkqa.demo;

/**
 * Something a paragraph is about.
 *
 * @param name as the middle of a sentence has it: {@code the Silver Heron}
 * @param person whether the last name alone names it, once introduced
 */
record Entity(String name, boolean person) {

    /** The last word of the name. */
    String lastName() {
        return name.substring(name.lastIndexOf(' ') + 1);
    }
}
