package main

import (
	"strconv"

	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/sem/tree"
)

// checkOrder: null comes first on CockroachDB and last on PostgreSQL. Portable are columns that
// are never null, coalesce, and the two spellings that v21.1 takes because they are its own order.
func checkOrder(subject *Subject) {
	for _, block := range subject.analysis.blocks {
		for _, ordering := range block.orders {
			for _, order := range ordering.by {
				checkOneOrder(subject, block, ordering, order)
			}
		}
	}
}

func checkOneOrder(subject *Subject, block *block, in ordering, order *tree.Order) {
	if order.OrderType != tree.OrderByColumn {
		subject.fail("cockroach-only", "order by index is CockroachDB's alone")
		return
	}
	if order.NullsOrder != tree.DefaultNullsOrder {
		if !nullsAsOldVersions(order.Direction, order.NullsOrder) {
			subject.fail("newer", "`asc nulls last` and `desc nulls first` came with v22.1 (cockroach #71083); instead: coalesce, or asc nulls first, or desc nulls last")
		}
		return
	}
	if orderMayBeNull(subject, block, in, order.Expr) {
		subject.fail("order-nulls", "order by %s, which may be null: first on CockroachDB, last on PostgreSQL; order by a column that is not null, by coalesce(…), or say asc nulls first or desc nulls last", order.Expr)
	}
}

// nullsAsOldVersions: v21.1 takes the words where they change nothing (docs issue 10914).
func nullsAsOldVersions(direction tree.Direction, nulls tree.NullsOrder) bool {
	switch nulls {
	case tree.NullsFirst:
		return direction != tree.Descending
	case tree.NullsLast:
		return direction == tree.Descending
	}
	return true
}

func orderMayBeNull(subject *Subject, block *block, in ordering, expr tree.Expr) bool {
	if number, ok := expr.(*tree.NumVal); ok && in.positional {
		position, err := strconv.Atoi(number.String())
		return err == nil && position >= 1 && position <= len(in.outputs) && in.outputs[position-1].nullable(subject.facts)
	}
	if name, ok := expr.(*tree.UnresolvedName); ok && name.NumParts == 1 {
		for _, output := range in.outputs {
			if output.name == name.Parts[0] {
				return output.nullable(subject.facts)
			}
		}
	}
	return block.mayBeNull(expr, subject.facts)
}
