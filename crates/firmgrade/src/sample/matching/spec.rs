//! What a match starts from, as it is written down.

use serde::{Deserialize, Serialize};

/// Visits, inspectors and who may not go where. Checked by `Roster::try_from`.
///
/// Names are compared in NFC. Days are dates such as `2027-03-01`; both ends of a span belong to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RosterSpec {
    /// Inspectors per visit.
    #[serde(default = "two")]
    pub per_visit: u32,
    /// First and last day. A visit without a day may fall on any day between them, so a certificate must be valid on all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<(String, String)>,
    /// What is to be visited.
    pub visits: Vec<Visit>,
    /// Who can go.
    pub inspectors: Vec<Inspector>,
    /// Who may not go where.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recusals: Vec<Recusal>,
}

/// At least two inspectors visit a firm.
fn two() -> u32 {
    2
}

/// One visit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Visit {
    /// Its id.
    pub id: String,
    /// The qualification that each item needs; an inspector is *qualified* for the visit when he has all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<String>,
    /// Where it is; without a zone any inspector may go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// When it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<String>,
    /// Keys under which interests are declared: the firm, its group, its owner. An inspector with the same key is recused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub interests: Vec<String>,
}

/// One inspector.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inspector {
    /// The id.
    pub id: String,
    /// How many visits at most.
    pub capacity: u32,
    /// Qualifications held.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub qualifications: Vec<String>,
    /// Zones served; none stated is all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<String>,
    /// First day of the certificate; none is always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<String>,
    /// Last day of the certificate; none is for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<String>,
    /// Interests declared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub interests: Vec<String>,
}

/// An inspector who may not make a visit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recusal {
    /// The visit.
    pub visit: String,
    /// The inspector.
    pub inspector: String,
    /// Why: a declared interest, the same person as last time, …
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}
