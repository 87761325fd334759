package main

import (
	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/sem/tree"
)

// checkForms refuses what the tokens can't show but the tree can.
func checkForms(subject *Subject) {
	walk(subject.tree, func(node any, _ []any) bool {
		switch typed := node.(type) {
		case *tree.StatementSource:
			subject.fail("cockroach-only", "[ … ] as a table is CockroachDB's alone; instead: with")
		case *tree.IndexFlags:
			subject.fail("cockroach-only", "an index hint is CockroachDB's alone")
		case *tree.IndirectionExpr:
			checkSubscript(subject, typed)
		case *tree.Update:
			if typed.Limit != nil || len(typed.OrderBy) > 0 {
				subject.fail("cockroach-only", "update … order by or limit is CockroachDB's alone")
			}
		case *tree.Delete:
			checkDelete(subject, typed)
		case *tree.CreateTable:
			checkInnerIndexes(subject, typed)
		}
		return true
	})
}

func checkInnerIndexes(subject *Subject, table *tree.CreateTable) {
	for _, definition := range table.Defs {
		_, isIndex := definition.(*tree.IndexTableDef)
		unique, isUnique := definition.(*tree.UniqueConstraintTableDef)
		if isIndex || isUnique && unique.FormatAsIndex {
			subject.fail("cockroach-only", "an index inside create table is CockroachDB's alone; instead: create index")
		}
	}
}

func checkSubscript(subject *Subject, node *tree.IndirectionExpr) {
	for _, subscript := range node.Indirection {
		if _, isText := subscript.Begin.(*tree.StrVal); isText {
			subject.fail("newer", "subscripts on jsonb came with v22.2; instead: ->")
		}
		if subscript.Slice {
			subject.fail("absent", "array slices are not implemented")
		}
	}
}

func checkDelete(subject *Subject, node *tree.Delete) {
	if node.Limit != nil || len(node.OrderBy) > 0 {
		subject.fail("cockroach-only", "delete … order by or limit is CockroachDB's alone")
	}
	if len(node.Using) > 0 {
		subject.fail("newer", "delete … using came with v23.1 (cockroach #88974); instead: where key in (select …)")
	}
}

// checkLocks: FOR UPDATE where CockroachDB refuses it.
func checkLocks(subject *Subject) {
	each(subject.tree, func(node *tree.Select, _ []any) {
		if len(node.Locking) == 0 {
			return
		}
		clause, ok := node.Select.(*tree.SelectClause)
		if !ok {
			subject.fail("for-update", "for update with a union or values")
			return
		}
		if clause.Distinct || len(clause.DistinctOn) > 0 || len(clause.GroupBy) > 0 || clause.Having != nil || hasAggregate(clause) {
			subject.fail("for-update", "for update with distinct, group by, an aggregate or a window")
		}
	})
}

var aggregates = map[string]bool{
	"array_agg": true, "avg": true, "bit_and": true, "bit_or": true, "bool_and": true, "bool_or": true,
	"count": true, "every": true, "json_agg": true, "json_object_agg": true, "jsonb_agg": true,
	"jsonb_object_agg": true, "max": true, "min": true, "percentile_cont": true,
	"percentile_disc": true, "stddev": true, "string_agg": true, "sum": true, "variance": true,
}

func hasAggregate(clause *tree.SelectClause) bool {
	found := false
	walk(&clause.Exprs, func(node any, _ []any) bool {
		switch typed := node.(type) {
		case *tree.Subquery:
			return false
		case *tree.FuncExpr:
			found = found || typed.WindowDef != nil || aggregates[functionName(typed)]
		}
		return true
	})
	return found
}

// checkHot: what has a plan that depends on statistics stays off the sale path. (An arbiter that
// is an expression, and do update without an arbiter, are refused by the grammar already.)
func checkHot(subject *Subject) {
	if !subject.facts.isHot(subject.Name) {
		return
	}
	each(subject.tree, func(node *tree.Insert, _ []any) {
		if node.OnConflict != nil {
			subject.fail("hot", "on conflict in a hot statement reads first, by a plan that depends on statistics: insert plainly and answer 23505")
		}
	})
	each(subject.tree, func(node *tree.Update, _ []any) {
		for _, table := range node.From {
			if hasRowsFrom(table) {
				subject.fail("hot", "update … from a function's rows has a plan that depends on statistics: use = any($n)")
			}
		}
	})
}

func hasRowsFrom(table tree.TableExpr) bool {
	found := false
	each(table, func(*tree.RowsFromExpr, []any) { found = true })
	return found
}
