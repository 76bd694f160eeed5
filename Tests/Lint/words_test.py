"""The checker finds what each row of phrases.py says, and leaves ordinary sentences and names alone."""

import re
import unittest

import words
from phrases import NAMES, NAMES_IN_IDENTIFIERS, PHRASES

PLAIN = [
    "All data is stored in ./var.",
    "The worker continues after an error, and the link expires automatically.",
    "The file is not an image.",
    "let releaseDeadWorkers = true  // isRerender, spare thread, HashSlots, MULTIRES_BALLAST, tinkerbell",
    "There is no path to it. It is noted. Deny the request. A mistake is settled, and unusable.",
    "Run the command a second time.",
]


def found(text):
    return [(what, better) for _, what, better in words.found(text)]


class Words(unittest.TestCase):
    def test_each_example_is_found_by_its_own_row(self):
        for pattern, better, example in PHRASES:
            with self.subTest(pattern):
                self.assertTrue(re.search(rf"\b(?:{pattern})\b", example, re.I))
                self.assertIn(better, [wording for _, wording in found(example)])

    def test_each_name_is_found_alone_and_in_longer_identifiers(self):
        for name, better in NAMES.items():
            camel = name[0].lower() + name[1:]
            snake = "_".join(words.parts(name))
            for text in (name, camel, snake, f"{name}Tests", f"is{name}", f"{camel}Now", f"ring_{snake}"):
                with self.subTest(text):
                    self.assertIn((text, better), found(f"let x = {text}()"))

    def test_ordinary_words_are_found_only_in_longer_identifiers(self):
        for name, better in NAMES_IN_IDENTIFIERS.items():
            with self.subTest(name):
                self.assertEqual(list(words.names(f"It is {name.lower()} text.")), [])
                self.assertIn((f"is{name}", better), found(f"if is{name} {{"))

    def test_names_are_found_in_paths(self):
        self.assertEqual(
            [what for _, what, _ in words.names("Sources/Processes/DoorbellListener.swift")], ["DoorbellListener"]
        )

    def test_a_phrase_is_found_across_lines_of_comments_and_strings(self):
        for text in (
            "All data lies\nin it.",
            "/// It ends by\n    /// itself.",
            "# made\n# anew",
            'print("made "\n    + "anew and once "\n    + "more")',
            "-- lies\n-- in",
        ):
            with self.subTest(text):
                self.assertNotEqual(found(text), [])

    def test_plain_sentences_pass(self):
        for sentence in PLAIN:
            with self.subTest(sentence):
                self.assertEqual(found(sentence), [])

    def test_findings_have_their_line_and_a_line_can_be_kept(self):
        text = f"Plain.\nIt is made anew.\nIt is made anew. {words.KEEP}\n"
        self.assertEqual([(line, what) for line, what, _ in words.found(text)], [(2, "anew")])

    def test_it_reads_the_documents_sources_page_and_configuration(self):
        names = words.tracked()
        for name in (
            "README.md",
            "Sources/API/Problem.swift",
            "www/strings.js",
            "www/openapi.json",
            "nginx/multires.conf",
            "Makefile",
            "deploy/install",
            "Sources/CLinux/shim.h",
            "deploy/shared-hosting/program.cgi",
            "Sources/SQLiteCatalog/Schema/Schema.swift",
        ):
            self.assertIn(name, names)


if __name__ == "__main__":
    unittest.main()
