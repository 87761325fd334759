package main

// checkMutations: what one statement may write.
func checkMutations(subject *Subject) {
	a := subject.analysis
	if a.nested {
		subject.fail("nested-mutation", "an insert, update or delete below the top level: CockroachDB takes them only in the statement's own with")
	}
	seen := map[string]bool{}
	regional, global := "", ""
	for _, mutation := range a.mutations {
		if seen[mutation.table] {
			subject.fail("double-mutation", "%s is written twice: 0A000 on CockroachDB, or a lost write on PostgreSQL", mutation.table)
		}
		seen[mutation.table] = true
		if subject.facts.regional[mutation.table] {
			regional = mutation.table
		}
		if subject.facts.global[mutation.table] {
			global = mutation.table
		}
	}
	if regional != "" && global != "" {
		subject.fail("global-write", "%s is global and %s regional: the write of a global table makes all of it wait for hundreds of milliseconds", global, regional)
	}
}

// checkReadsFirst: inside one statement, read first, write after. A read of what the statement has
// just written waits until it is replicated, one WAN round trip more; a plain CTE is read where
// it is used, so only `as materialized` puts it first. Where no CTE writes there is no order to keep.
func checkReadsFirst(subject *Subject) {
	a := subject.analysis
	first := firstMutation(a)
	if first < 0 {
		return
	}
	written := map[string]int{}
	for _, mutation := range a.mutations {
		if _, known := written[mutation.table]; !known {
			written[mutation.table] = mutation.part
		}
	}
	for _, read := range a.reads {
		if isCatalog(read.table) {
			continue
		}
		if by, known := written[read.table]; known && by < read.part {
			subject.fail("late-read", "%s reads %s, which %s has written: one WAN round trip more, and PostgreSQL does not see the write", partName(a, read.part), read.table, partName(a, by))
			continue
		}
		checkPlace(subject, read, first)
	}
}

func firstMutation(a *analysis) int {
	for i, part := range a.parts {
		if part.mutates {
			return i
		}
	}
	return -1
}

func checkPlace(subject *Subject, read read, first int) {
	a := subject.analysis
	name := partName(a, read.part)
	switch {
	case read.part == len(a.parts):
		subject.fail("late-read", "%s reads %s after the writes: read it in a CTE `as materialized` before the first one", name, read.table)
	case a.parts[read.part].mutates:
		// Its own where or source.
	case read.part > first:
		subject.fail("late-read", "%s reads %s after %s has written: list it before, `as materialized`", name, read.table, partName(a, first))
	case !readInTime(a, read.part, first):
		subject.fail("late-read", "%s reads %s and is not `as materialized`: it is read where it is used, after the writes", name, read.table)
	}
}

// readInTime: `as materialized`, or a plain CTE that is the source of nothing but the first write
// and of what is itself read in time before it.
func readInTime(a *analysis, cte, first int) bool {
	if a.parts[cte].materialized {
		return true
	}
	used := false
	for _, use := range a.uses {
		if use.cte != cte {
			continue
		}
		used = true
		if use.by > first || use.by < first && !readInTime(a, use.by, first) {
			return false
		}
	}
	return used
}

func partName(a *analysis, part int) string {
	if part < len(a.parts) {
		return a.parts[part].name
	}
	return "the main statement"
}
