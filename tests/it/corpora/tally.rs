//! What came of the statements of a corpus, counted and listed.

use std::fmt;

/// What came of one statement.
#[derive(Debug)]
pub(super) enum Verdict {
    /// The same, down to the SQLSTATE of a refusal.
    Agreed,
    /// Both accept it, and say different things of it.
    Differs(String),
    /// Both refuse it, with different codes.
    OtherCode(String),
    /// Only the server refuses it.
    ServerRefuses(String),
    /// Only the engine refuses it.
    EngineRefuses(String),
}

/// One statement with what came of it.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) place: String,
    pub(super) text: String,
    pub(super) verdict: Verdict,
    /// Whether the server accepts it.
    pub(super) accepted: bool,
}

/// Statements of one sort.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) statements: usize,
    pub(super) accepted: usize,
    pub(super) agreed: usize,
    pub(super) findings: Vec<Finding>,
}

impl Counts {
    pub(super) fn count(&mut self, finding: Finding) {
        self.statements += 1;
        self.accepted += usize::from(finding.accepted);
        match finding.verdict {
            Verdict::Agreed => self.agreed += 1,
            _ => self.findings.push(finding),
        }
    }

    fn of(&self, is: impl Fn(&Verdict) -> bool) -> usize {
        self.findings.iter().filter(|finding| is(&finding.verdict)).count()
    }
}

/// `1234 | 1200 | 1190 | 1 | 2 | 3 | 4`: statements, accepted by the server, agreed, differing, refused with another
/// code, refused by the engine only, by the server only.
impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} | {} | {} | {} | {} | {} | {}",
            self.statements,
            self.accepted,
            self.agreed,
            self.of(|verdict| matches!(verdict, Verdict::Differs(_))),
            self.of(|verdict| matches!(verdict, Verdict::OtherCode(_))),
            self.of(|verdict| matches!(verdict, Verdict::EngineRefuses(_))),
            self.of(|verdict| matches!(verdict, Verdict::ServerRefuses(_))),
        )
    }
}

/// What came of a corpus on a server.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Queries, as views; views, and tables made of queries.
    pub(super) views: Counts,
    /// Statements that change rows, as bodies of functions.
    pub(super) bodies: Counts,
    /// Other statements that shape the state.
    pub(super) definitions: Counts,
    /// What the server holds at the end, as lines.
    pub(super) state_lines: usize,
    /// The lines that only one side has.
    pub(super) state: Vec<String>,
    /// What is wrong with the replay of the database's dump; `None` where there is no pg_dump for it.
    pub(super) dump: Option<Vec<String>>,
    /// Statements that the engine says it cannot follow.
    pub(super) unmodelled: usize,
    /// Not SQL to the parser.
    pub(super) unparsed: usize,
    /// Rows, plans, cursors, and what stands in a transaction that has failed.
    pub(super) skipped: usize,
}

/// The list of what does not agree.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (sort, counts) in [("view", &self.views), ("body", &self.bodies), ("definition", &self.definitions)] {
            for finding in &counts.findings {
                let (what, said) = match &finding.verdict {
                    Verdict::Agreed => continue,
                    Verdict::Differs(said) => ("differs", said),
                    Verdict::OtherCode(said) => ("other code", said),
                    Verdict::ServerRefuses(said) => ("only the server refuses", said),
                    Verdict::EngineRefuses(said) => ("only the engine refuses", said),
                };
                let text = finding.text.split_whitespace().collect::<Vec<_>>().join(" ");
                let text: String = text.chars().take(400).collect();
                writeln!(f, "{}: {sort}: {what}: {said}\n    {text}", finding.place)?;
            }
        }
        for line in &self.state {
            writeln!(f, "state: {line}")?;
        }
        for line in self.dump.iter().flatten() {
            writeln!(f, "pg_dump: {line}")?;
        }
        Ok(())
    }
}
