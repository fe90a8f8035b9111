"""Small words of a verdict: numbers, articles, names of parts."""

NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]


def number_word(n):
    """A count as a word, from eleven on as digits."""
    return NUMBERS[n] if 0 <= n < len(NUMBERS) else str(n)


def part_name(part):
    """The name of a part; one of a list has a number alone."""
    return f"element {part}" if part.isdigit() else part
