package main

import (
	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/sem/tree"
)

// checkParameters: a parameter has one type, and says it wherever no column says it.
func checkParameters(subject *Subject) {
	casts := map[tree.PlaceholderIdx]string{}
	walk(subject.tree, func(node any, around []any) bool {
		placeholder, ok := node.(*tree.Placeholder)
		if !ok || len(around) == 0 {
			return true
		}
		switch parent := around[len(around)-1].(type) {
		case *tree.CastExpr:
			checkCastOnce(subject, casts, placeholder, parent)
		case *tree.FuncExpr, *tree.BinaryExpr, *tree.UnaryExpr, *tree.IsNullExpr, *tree.IsNotNullExpr, *tree.RowsFromExpr:
			warnUncast(subject, placeholder)
		case *tree.SelectExpr:
			warnUncast(subject, placeholder)
		}
		return true
	})
}

func checkCastOnce(subject *Subject, casts map[tree.PlaceholderIdx]string, placeholder *tree.Placeholder, cast *tree.CastExpr) {
	spelled := cast.Type.SQLString()
	if earlier, known := casts[placeholder.Idx]; known && earlier != spelled {
		subject.fail("parameter-types", "%s is cast to %s and to %s: CockroachDB gives a parameter one type", placeholder.Idx, earlier, spelled)
	}
	casts[placeholder.Idx] = spelled
}

func warnUncast(subject *Subject, placeholder *tree.Placeholder) {
	subject.warn("parameter-uncast", "%s stands where no column tells its type: cast the parameter", placeholder.Idx)
}
