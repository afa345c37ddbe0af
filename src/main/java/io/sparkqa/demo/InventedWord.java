package io.sparkqa.demo;

import java.util.Locale;
import java.util.random.RandomGenerator;

/** A capitalised proper name that does not exist, such as Torwick or Meloa, of two or three syllables. */
final class InventedWord {
    private static final String[] ONSETS = {
        "B", "Bl", "Br", "C", "Ch", "Cl", "Cr", "D", "Dr", "F", "Fl", "Fr", "G", "Gl", "Gr", "H", "J", "K", "Kl", "L",
        "M", "N", "P", "Pl", "Pr", "Qu", "R", "S", "Sc", "Sh", "Sk", "Sl", "Sm", "Sn", "Sp", "St", "Str", "Sw", "T",
        "Th", "Tr", "Tw", "V", "W", "Wh", "Y", "Z"
    };
    private static final String[] VOWELS = {"a", "e", "i", "o", "u", "a", "e", "i", "o", "u", "ai", "ea", "ee", "oa"};
    private static final String[] CODAS = {
        "b", "ck", "d", "g", "l", "ll", "m", "n", "nd", "ng", "nt", "p", "r", "rd", "rk", "rn", "s", "sk", "ss", "st",
        "t", "th", "v", "x", "z"
    };
    private static final String[] ENDINGS = {
        "a", "aby", "ace", "ale", "am", "and", "ar", "ary", "ate", "bury", "by", "combe", "dale", "den", "don", "dor",
        "el", "en", "er", "ess", "et", "ey", "field", "ford", "gard", "gate", "ham", "hurst", "ia", "ick", "in", "ing",
        "is", "ith", "kin", "land", "ley", "lin", "low", "man", "mere", "mond", "more", "nor", "o", "ock", "on", "or",
        "oth", "pool", "rick", "row", "son", "stead", "ster", "stow", "ton", "um", "us", "vale", "ville", "well",
        "wick", "win", "wood", "worth"
    };

    private InventedWord() {}

    static String draw(RandomGenerator random) {
        StringBuilder name = new StringBuilder(pick(ONSETS, random)).append(pick(VOWELS, random));
        if (random.nextInt(10) == 0) {
            name.append(pick(ONSETS, random).toLowerCase(Locale.ROOT)).append(pick(VOWELS, random));
        }
        return name.append(pick(CODAS, random)).append(pick(ENDINGS, random)).toString();
    }

    private static String pick(String[] of, RandomGenerator random) {
        return of[random.nextInt(of.length)];
    }
}
