//! The words, numbers and signs that a date is written with, as V8 takes a text apart.

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Token<'a> {
    /// Value and digits.
    Number(i32, usize),
    Word(&'a [u8]),
    Symbol(u8),
    Space,
}

/// What has not been read yet.
#[derive(Clone, Copy)]
pub(super) struct Tokens<'a>(pub &'a [u8]);

impl<'a> Tokens<'a> {
    pub(super) fn next(&mut self) -> Option<Token<'a>> {
        let text = self.0;
        let first = *text.first()?;
        let run = |is: fn(&u8) -> bool| text.iter().take_while(|byte| is(byte)).count();
        let (length, token) = if first.is_ascii_digit() {
            let digits = run(u8::is_ascii_digit);
            (digits, Token::Number(number(&text[..digits]), digits))
        } else if first.is_ascii_alphabetic() {
            let letters = run(u8::is_ascii_alphabetic);
            (letters, Token::Word(&text[..letters]))
        } else if first.is_ascii_whitespace() {
            (run(u8::is_ascii_whitespace), Token::Space)
        } else {
            (1, Token::Symbol(first))
        };
        self.0 = &text[length..];
        Some(token)
    }

    pub(super) fn peek(self) -> Option<Token<'a>> {
        let mut ahead = self;
        ahead.next()
    }

    pub(super) fn skip(&mut self, symbol: u8) -> bool {
        let found = self.peek() == Some(Token::Symbol(symbol));
        if found {
            self.next();
        }
        found
    }

    /// A number of just these digits, within these bounds.
    pub(super) fn fixed(&mut self, digits: usize, least: i32, most: i32) -> Option<i32> {
        match self.peek() {
            Some(Token::Number(value, length)) if length == digits && (least..=most).contains(&value) => {
                self.next();
                Some(value)
            }
            _ => None,
        }
    }

    pub(super) fn skip_time_separator(&mut self) -> bool {
        let found = matches!(self.peek(), Some(Token::Word(word)) if word.eq_ignore_ascii_case(b"T"));
        if found {
            self.next();
        }
        found
    }

    /// A fraction of a second in milliseconds; digits beyond are cut off.
    pub(super) fn milliseconds(&mut self) -> Option<i32> {
        let digits = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let mut padded = self.0[..digits.min(3)].to_vec();
        self.0 = &self.0[digits..];
        padded.resize(3, b'0');
        (digits > 0).then(|| number(&padded))
    }

    pub(super) fn skip_parentheses(&mut self) {
        let mut depth = 1;
        while depth > 0 {
            match self.next() {
                Some(Token::Symbol(b'(')) => depth += 1,
                Some(Token::Symbol(b')')) => depth -= 1,
                None => return,
                _ => {}
            }
        }
    }
}

/// Nine digits are as good as any more.
fn number(digits: &[u8]) -> i32 {
    let leading = digits.iter().take_while(|digit| **digit == b'0').count();
    let counted = digits[leading..].iter().take(9);
    counted.fold(0, |value, digit| value * 10 + i32::from(digit - b'0'))
}

/// What a word means, by its first three letters.
pub(super) enum Keyword {
    Month(i32),
    /// Hours to add to the twelve of the clock.
    HalfOfDay(i32),
    /// Hours from UTC.
    Zone(i32),
}

pub(super) fn keyword(word: &[u8]) -> Option<Keyword> {
    let lower = word.to_ascii_lowercase();
    let months = b"janfebmaraprmayjunjulaugsepoctnovdec".chunks(3);
    if let Some(month) = months.zip(1..).find(|(name, _)| lower.starts_with(name)) {
        return Some(Keyword::Month(month.1));
    }
    Some(match lower.as_slice() {
        b"am" => Keyword::HalfOfDay(0),
        b"pm" => Keyword::HalfOfDay(12),
        b"ut" | b"utc" | b"z" | b"gmt" => Keyword::Zone(0),
        b"est" => Keyword::Zone(-5),
        b"edt" => Keyword::Zone(-4),
        b"cst" => Keyword::Zone(-6),
        b"cdt" => Keyword::Zone(-5),
        b"mst" => Keyword::Zone(-7),
        b"mdt" => Keyword::Zone(-6),
        b"pst" => Keyword::Zone(-8),
        b"pdt" => Keyword::Zone(-7),
        _ => return None,
    })
}
