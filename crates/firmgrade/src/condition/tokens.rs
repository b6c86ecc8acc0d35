//! The words of a condition: sqlparser's tokenizer, then a closed list of what may pass to its parser.
//!
//! Every name that is not one of the language's own keywords is handed on as a quoted identifier, so that no
//! other SQL construct can begin, and a column may be called `date` or `name`. What is refused is refused here,
//! where its place is known to the character.

use super::fault::{ConditionFault, ConditionProblem};
use super::functions::Function;
use super::refused::{ANYTHING, refused_token, refused_word};
use crate::words::nearest;
use sqlparser::ast::helpers::attached_token::AttachedToken;
use sqlparser::ast::{CaseWhen, Expr, Ident, UnaryOperator};
use sqlparser::dialect::{Dialect, Precedence};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, Tokenizer, Whitespace, Word};
use std::borrow::Cow;

/// The most operators (`>`, `AND`, `IS`, `+` …) a condition may have: each may deepen the tree by one level, and
/// the tree is walked on the stack. 300 times ` IN (1)` takes 1 MiB of it where nothing is optimised.
const MOST_OPERATORS: usize = 300;

/// What may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    /// Conditions on graded columns.
    Condition,
    /// Conditions and values over raw columns: dates, functions and `CASE` too.
    Expression,
}

impl Language {
    /// What a text in it is called.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Condition => "condition",
            Self::Expression => "expression",
        }
    }
}

/// One token and where it stands.
#[derive(Debug)]
pub(super) struct Lexeme {
    pub token: Token,
    pub start: usize,
    pub end: usize,
    line: usize,
    character: usize,
}

/// The tokens of a condition, without spaces.
#[derive(Debug)]
pub(super) struct Lexemes<'t> {
    pub text: &'t str,
    pub language: Language,
    pub list: Vec<Lexeme>,
}

/// SQL with none of its dialects' extensions: names of letters (of any script), digits and `_`.
#[derive(Debug)]
pub(super) struct ConditionDialect;

impl Dialect for ConditionDialect {
    fn is_identifier_start(&self, ch: char) -> bool {
        ch.is_alphabetic() || ch == '_'
    }

    fn is_identifier_part(&self, ch: char) -> bool {
        ch.is_alphanumeric() || ch == '_'
    }

    /// All that can begin an expression, but for names and values. sqlparser's own way there tries every construct of
    /// SQL first, with 75 KiB of stack for each `NOT` where nothing is optimised.
    fn parse_prefix(&self, parser: &mut Parser<'_>) -> Option<Result<Expr, ParserError>> {
        let (op, precedence) = match &parser.peek_token_ref().token {
            Token::Word(word) if word.keyword == Keyword::NOT => (UnaryOperator::Not, Precedence::UnaryNot),
            Token::Minus => (UnaryOperator::Minus, Precedence::MulDivModOp),
            Token::LParen => {
                parser.advance_token();
                let inner = parser.parse_expr();
                return Some(inner.and_then(|inner| {
                    parser.expect_token(&Token::RParen)?;
                    Ok(Expr::Nested(Box::new(inner)))
                }));
            }
            Token::Word(word) if word.keyword == Keyword::CASE => return Some(case(parser)),
            Token::Word(word) if word.keyword == Keyword::DATE => return Some(date(parser)),
            Token::Word(word) if word.quote_style.is_some() && parser.peek_nth_token_ref(1).token == Token::LParen => {
                return Some(call(parser));
            }
            // INVARIANT: what is not in quotes is a keyword.
            Token::Word(word) if word.quote_style.is_some() || is_literal(word.keyword) => return None,
            Token::Number(..) | Token::SingleQuotedString(_) => return None,
            _ => return Some(parser.expected_ref("an expression", parser.peek_token_ref())),
        };
        parser.advance_token();
        let operand = parser.parse_subexpr(self.prec_value(precedence));
        Some(operand.map(|operand| Expr::UnaryOp { op, expr: Box::new(operand) }))
    }
}

/// `CASE WHEN … THEN … ELSE … END`.
fn case(parser: &mut Parser<'_>) -> Result<Expr, ParserError> {
    let case_token = AttachedToken(parser.next_token());
    let mut conditions = Vec::new();
    parser.expect_keyword_is(Keyword::WHEN)?;
    loop {
        let condition = parser.parse_expr()?;
        parser.expect_keyword_is(Keyword::THEN)?;
        conditions.push(CaseWhen { condition, result: parser.parse_expr()? });
        if !parser.parse_keyword(Keyword::WHEN) {
            break;
        }
    }
    let else_result = if parser.parse_keyword(Keyword::ELSE) { Some(Box::new(parser.parse_expr()?)) } else { None };
    let end_token = AttachedToken(parser.expect_keyword(Keyword::END)?);
    Ok(Expr::Case { case_token, end_token, operand: None, conditions, else_result })
}

/// `DATE '2022-01-01'`, as a text with a prefix.
fn date(parser: &mut Parser<'_>) -> Result<Expr, ParserError> {
    let prefix = Ident::with_span(parser.next_token().span, "DATE");
    Ok(Expr::Prefixed { prefix, value: Box::new(Expr::Value(parser.parse_value()?)) })
}

/// A function with its arguments, as a list with a prefix.
fn call(parser: &mut Parser<'_>) -> Result<Expr, ParserError> {
    let name = parser.next_token();
    let Token::Word(Word { value, .. }) = name.token else { return parser.expected("a function", name) };
    parser.expect_token(&Token::LParen)?;
    let mut arguments = Vec::new();
    while parser.peek_token_ref().token != Token::RParen {
        if !arguments.is_empty() {
            parser.expect_token(&Token::Comma)?;
        }
        arguments.push(parser.parse_expr()?);
    }
    parser.expect_token(&Token::RParen)?;
    Ok(Expr::Prefixed { prefix: Ident::with_span(name.span, value), value: Box::new(Expr::Tuple(arguments)) })
}

impl<'t> Lexemes<'t> {
    /// The tokens of `text`, or the one fault that stops the tokenizer.
    pub fn read(text: &'t str, language: Language) -> Result<Self, ConditionFault> {
        let mut tokens = Vec::new();
        let outcome = Tokenizer::new(&ConditionDialect, text).tokenize_with_location_into_buf(&mut tokens);
        let mut list = Vec::with_capacity(tokens.len());
        let mut cursor = Cursor { rest: text.char_indices(), at: 0, line: 1, character: 1 };
        for token in tokens {
            cursor.move_to(token.span.start.line, token.span.start.column);
            let (start, line, character) = (cursor.at, cursor.line, cursor.character);
            cursor.move_to(token.span.end.line, token.span.end.column);
            list.push(Lexeme { token: token.token, start, end: cursor.at, line, character });
        }
        let Err(error) = outcome else {
            list.retain(|lexeme| !is_space(&lexeme.token));
            return Ok(Self { text, language, list });
        };
        let start = list.last().map_or(0, |last| last.end);
        cursor.move_to(error.location.line, error.location.column);
        let opened = text.get(start..).and_then(|rest| rest.chars().next()).unwrap_or(' ');
        let problem = if opened == '\'' || opened == '"' || opened == '`' {
            ConditionProblem::Unclosed { opened, closing: opened }
        } else {
            let found = short(text.get(start..).unwrap_or_default());
            ConditionProblem::Unexpected { found, expected: Cow::Borrowed(ANYTHING) }
        };
        let mut place = Cursor { rest: text.char_indices(), at: 0, line: 1, character: 1 };
        place.move_to_byte(start);
        Err(ConditionFault { start, end: text.len(), line: place.line, character: place.character, problem })
    }

    /// A fault about the tokens `first..=last`; about the end of the text where `first` is beyond them.
    pub fn fault(&self, first: usize, last: usize, problem: ConditionProblem) -> ConditionFault {
        if let (Some(first), Some(last)) = (self.list.get(first), self.list.get(last)) {
            let (start, line, character) = (first.start, first.line, first.character);
            return ConditionFault { start, end: last.end, line, character, problem };
        }
        let mut end = Cursor { rest: self.text.char_indices(), at: 0, line: 1, character: 1 };
        end.move_to_byte(self.list.last().map_or(0, |last| last.end));
        let (start, line, character) = (end.at, end.line, end.character);
        ConditionFault { start, end: start, line, character, problem }
    }

    /// The text of the tokens `first..=last`, cut where it is long.
    pub fn source(&self, first: usize, last: usize) -> String {
        let range = self.list.get(first).map_or(0, |f| f.start)..self.list.get(last).map_or(self.text.len(), |l| l.end);
        short(self.text.get(range).unwrap_or_default())
    }

    /// Refuses every token outside the language and every name that is not a column, and turns the columns'
    /// names into quoted identifiers. Returns whether what is left can still be parsed.
    pub fn close(&mut self, known: &[&str], is_column: impl Fn(&str) -> bool, faults: &mut Vec<ConditionFault>) -> bool {
        let mut refused = false;
        let mut at = 0;
        while let Some(lexeme) = self.list.get(at) {
            let mut next = at + 1;
            match &lexeme.token {
                Token::Word(word) if self.is_keyword(at, word) => {}
                Token::Word(word) if self.language == Language::Expression && self.is_call(at) => {
                    if Function::find(&word.value).is_none() {
                        let name = word.value.clone();
                        let suggestion = nearest(&name, Function::ALL.iter().map(|f| f.name())).map(str::to_owned);
                        faults.push(self.fault(at, at, ConditionProblem::UnknownFunction { name, suggestion }));
                    }
                }
                Token::Word(word) => {
                    let column = is_column(&word.value);
                    if let Some((first, last, expected)) = self.refused_name(at, word, column) {
                        faults.push(self.unexpected(first, last, Cow::Borrowed(expected)));
                        refused = true;
                        next = self.beyond(at);
                    } else if !column && (!refused || word.keyword == Keyword::NoKeyword) {
                        // After a refusal, other keywords (`AS`, `FROM`, `ESCAPE`) are its companions, not columns.
                        let (name, quoted) = (word.value.clone(), word.quote_style.is_some());
                        let suggestion = nearest(&name, known.iter().copied()).map(str::to_owned);
                        faults.push(self.fault(at, at, ConditionProblem::UnknownColumn { name, suggestion, quoted }));
                    }
                }
                Token::Number(digits, false) => {
                    if !digits.parse::<f64>().is_ok_and(f64::is_finite) {
                        let found = short(digits);
                        faults.push(self.fault(at, at, ConditionProblem::NumberTooLarge { found }));
                    }
                }
                token => {
                    if let Some(expected) = refused_token(token) {
                        faults.push(self.unexpected(at, at, expected));
                        refused = true;
                    }
                }
            }
            at = next;
        }
        let balanced = self.balance(faults);
        let short = self.count(faults);
        faults.sort_by_key(|fault| fault.start);
        for at in 0..self.list.len() {
            let is_name = matches!(self.list.get(at).map(|lexeme| &lexeme.token), Some(Token::Word(word)) if !self.is_keyword(at, word));
            if let Some(Lexeme { token: Token::Word(word), .. }) = self.list.get_mut(at).filter(|_| is_name) {
                (word.quote_style, word.keyword) = (Some('"'), Keyword::NoKeyword);
            }
        }
        balanced && short && !refused
    }

    /// Whether the word at `at` is one of the language's own.
    fn is_keyword(&self, at: usize, word: &Word) -> bool {
        let common = is_literal(word.keyword) || is_infix(word.keyword) || word.keyword == Keyword::NOT;
        common
            || self.language == Language::Expression
                && match word.keyword {
                    Keyword::CASE | Keyword::WHEN | Keyword::THEN | Keyword::ELSE | Keyword::END => true,
                    // A column may be called `date`.
                    Keyword::DATE => matches!(self.list.get(at + 1), Some(Lexeme { token: Token::SingleQuotedString(_), .. })),
                    _ => false,
                }
    }

    /// The names of columns, once the tokens are closed.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.list.iter().enumerate().filter_map(|(at, lexeme)| match &lexeme.token {
            Token::Word(word) if word.quote_style.is_some() && !(self.language == Language::Expression && self.is_call(at)) => {
                Some(word.value.as_str())
            }
            _ => None,
        })
    }

    /// Whether a parenthesis follows the word at `at`.
    fn is_call(&self, at: usize) -> bool {
        self.list.get(at + 1).is_some_and(|next| next.token == Token::LParen)
    }

    /// Where the name at `at` makes the condition unreadable: the tokens concerned and what to write instead.
    fn refused_name(&self, at: usize, word: &Word, column: bool) -> Option<(usize, usize, &'static str)> {
        let start = self.list.get(at)?.start;
        if self.is_call(at) {
            return Some((at, at + 1, "a column: conditions call no functions"));
        }
        let before = at.checked_sub(1).and_then(|before| self.list.get(before));
        if before.is_some_and(|b| b.end == start && matches!(b.token, Token::Number(..))) {
            return Some((at - 1, at, "a space after the number, or double quotes around a name that begins with a digit"));
        }
        // What an expression's columns are called is not known: there such a name needs quotes.
        let named = column && self.language == Language::Condition;
        let expected = refused_word(&word.value).filter(|_| !named && word.quote_style.is_none())?;
        Some((at, at, expected))
    }

    /// The fault that the tokens `first..=last` stand where `expected` should.
    pub fn unexpected(&self, first: usize, last: usize, expected: Cow<'static, str>) -> ConditionFault {
        let problem = if first < self.list.len() {
            ConditionProblem::Unexpected { found: self.source(first, last), expected }
        } else {
            ConditionProblem::UnexpectedEnd { of: self.language.noun(), expected }
        };
        self.fault(first, last, problem)
    }

    /// Faults for parentheses without partner.
    fn balance(&self, faults: &mut Vec<ConditionFault>) -> bool {
        let before = faults.len();
        let mut open = Vec::new();
        for (at, lexeme) in self.list.iter().enumerate() {
            match lexeme.token {
                Token::LParen => open.push(at),
                Token::RParen if open.pop().is_none() => faults.push(self.fault(at, at, ConditionProblem::Unopened)),
                _ => {}
            }
        }
        // One fault is enough to find a run of them.
        if let Some(at) = open.first() {
            faults.push(self.fault(*at, *at, ConditionProblem::Unclosed { opened: '(', closing: ')' }));
        }
        faults.len() == before
    }

    /// The first token after the refused construct that begins at `at`: a call goes to its closing parenthesis, a
    /// subquery up to the one around it, `CASE` to its `END`; any other is one token.
    fn beyond(&self, at: usize) -> usize {
        let word = |at: usize| match self.list.get(at).map(|lexeme| &lexeme.token) {
            Some(Token::Word(word)) if word.quote_style.is_none() => word.value.to_ascii_uppercase(),
            _ => String::new(),
        };
        let first = word(at);
        let call = self.list.get(at + 1).is_some_and(|next| next.token == Token::LParen);
        if !call && !["SELECT", "WITH", "CASE"].contains(&first.as_str()) {
            return at + 1;
        }
        let mut depth = 0_usize;
        for (index, lexeme) in self.list.iter().enumerate().skip(at + 1) {
            match lexeme.token {
                Token::LParen => depth += 1,
                Token::RParen if depth == 0 => return index,
                Token::RParen => {
                    depth -= 1;
                    if depth == 0 && call {
                        return index + 1;
                    }
                }
                _ if depth == 0 && first == "CASE" && word(index) == "END" => return index + 1,
                _ => {}
            }
        }
        self.list.len()
    }

    /// A fault for too many operators; a sign before an item of a list is part of the item.
    fn count(&self, faults: &mut Vec<ConditionFault>) -> bool {
        let mut previous: Option<&Token> = None;
        let mut found = 0;
        for (at, Lexeme { token, .. }) in self.list.iter().enumerate() {
            found += usize::from(match token {
                Token::Minus => !matches!(previous, Some(Token::Comma | Token::LParen)),
                Token::Word(word) => self.is_keyword(at, word) && !is_literal(word.keyword),
                Token::Number(..) | Token::SingleQuotedString(_) => false,
                Token::Comma | Token::LParen | Token::RParen => false,
                _ => true,
            });
            previous = Some(token);
        }
        if found > MOST_OPERATORS {
            let problem = ConditionProblem::TooLong { found, most: MOST_OPERATORS };
            faults.push(self.fault(0, self.list.len().saturating_sub(1), problem));
        }
        found <= MOST_OPERATORS
    }
}

/// Walks a text by lines and characters, counted as sqlparser counts them.
struct Cursor<'t> {
    rest: std::str::CharIndices<'t>,
    at: usize,
    line: usize,
    character: usize,
}

impl Cursor<'_> {
    fn step(&mut self) -> bool {
        let Some((_, ch)) = self.rest.next() else { return false };
        self.at = self.rest.offset();
        (self.line, self.character) = if ch == '\n' { (self.line + 1, 1) } else { (self.line, self.character + 1) };
        true
    }

    fn move_to(&mut self, line: u64, character: u64) {
        while (self.line as u64, self.character as u64) < (line, character) && self.step() {}
    }

    fn move_to_byte(&mut self, byte: usize) {
        while self.at < byte && self.step() {}
    }
}

fn is_space(token: &Token) -> bool {
    matches!(token, Token::Whitespace(Whitespace::Space | Whitespace::Newline | Whitespace::Tab))
}

fn is_literal(keyword: Keyword) -> bool {
    matches!(keyword, Keyword::TRUE | Keyword::FALSE | Keyword::NULL)
}

fn is_infix(keyword: Keyword) -> bool {
    matches!(keyword, Keyword::AND | Keyword::OR | Keyword::IS | Keyword::IN | Keyword::BETWEEN)
}

/// At most 40 characters of `text`.
fn short(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((cut, _)) => format!("{}…", text.get(..cut).unwrap_or_default()),
        None => text.to_owned(),
    }
}
