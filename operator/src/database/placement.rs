//! Which database cluster a new app is put in.

/// A cluster as the choice sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate<'a> {
    pub name: &'a str,
    /// Apps it takes.
    pub capacity: usize,
    /// Apps it has.
    pub load: usize,
}

/// The cluster with the most room left; of equals the first by name. None when all are full.
pub fn choose<'a>(candidates: impl IntoIterator<Item = Candidate<'a>>) -> Option<&'a str> {
    candidates
        .into_iter()
        .filter(|cluster| cluster.load < cluster.capacity)
        .max_by(|one, other| {
            let room = |cluster: &Candidate<'_>| cluster.capacity - cluster.load;
            room(one).cmp(&room(other)).then_with(|| other.name.cmp(one.name))
        })
        .map(|cluster| cluster.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cluster(name: &str, capacity: usize, load: usize) -> Candidate<'_> {
        Candidate { name, capacity, load }
    }

    #[test]
    fn most_room_wins_and_then_the_first_name() {
        assert_eq!(choose([cluster("a", 10, 8), cluster("b", 5, 1)]), Some("b"));
        assert_eq!(choose([cluster("b", 10, 5), cluster("a", 5, 0)]), Some("a"));
    }

    #[test]
    fn a_full_cluster_takes_nobody() {
        assert_eq!(choose([cluster("a", 3, 3), cluster("b", 2, 4)]), None);
        assert_eq!(choose([cluster("a", 0, 0)]), None);
        assert_eq!(choose([]), None);
    }
}
