package main

import (
	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/sem/tree"
	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/sem/tree/treecmp"
)

var equals = treecmp.MakeComparisonOperator(treecmp.EQ)

// neverNull are functions whose answer is not null whatever they are given.
var neverNull = map[string]bool{
	"count": true, "row_number": true, "rank": true, "dense_rank": true, "now": true,
	"gen_random_uuid": true, "statement_timestamp": true, "clock_timestamp": true, "concat": true,
	"jsonb_build_object": true, "jsonb_build_array": true, "random": true,
}

// nullOnNothing are aggregates that answer null when no row came.
var nullOnNothing = map[string]bool{
	"max": true, "min": true, "sum": true, "avg": true, "array_agg": true, "string_agg": true,
	"bool_and": true, "bool_or": true, "every": true, "json_agg": true, "jsonb_agg": true,
	"lag": true, "lead": true, "nth_value": true,
}

// mayBeNull judges an expression by what is known. What is not known counts as not null: the
// rule shall not cry wolf, and README.md says so.
func (b *block) mayBeNull(expr tree.Expr, facts *Facts) bool {
	switch node := expr.(type) {
	case *tree.ParenExpr:
		return b.mayBeNull(node.Expr, facts)
	case *tree.CastExpr:
		return b.mayBeNull(node.Expr, facts)
	case *tree.UnresolvedName:
		return b.columnMayBeNull(node, facts)
	case *tree.CoalesceExpr:
		return b.all(node.Exprs, facts)
	case *tree.NullIfExpr:
		return true
	case *tree.CaseExpr:
		return b.caseMayBeNull(node, facts)
	case *tree.FuncExpr:
		return b.callMayBeNull(node, facts)
	case *tree.BinaryExpr:
		return b.mayBeNull(node.Left, facts) || b.mayBeNull(node.Right, facts)
	case *tree.ComparisonExpr:
		return b.mayBeNull(node.Left, facts) || b.mayBeNull(node.Right, facts)
	case *tree.UnaryExpr:
		return b.mayBeNull(node.Expr, facts)
	case *tree.NotExpr:
		return b.mayBeNull(node.Expr, facts)
	case *tree.Subquery:
		return !node.Exists
	}
	return expr == tree.DNull
}

func (b *block) all(exprs tree.Exprs, facts *Facts) bool {
	for _, expr := range exprs {
		if !b.mayBeNull(expr, facts) {
			return false
		}
	}
	return true
}

func (b *block) caseMayBeNull(node *tree.CaseExpr, facts *Facts) bool {
	if node.Else == nil || b.mayBeNull(node.Else, facts) {
		return true
	}
	for _, when := range node.Whens {
		if b.mayBeNull(when.Val, facts) {
			return true
		}
	}
	return false
}

func (b *block) callMayBeNull(node *tree.FuncExpr, facts *Facts) bool {
	name := functionName(node)
	if neverNull[name] {
		return false
	}
	if nullOnNothing[name] && !b.grouped {
		return true
	}
	for _, expr := range node.Exprs {
		if b.mayBeNull(expr, facts) {
			return true
		}
	}
	return false
}

func (b *block) columnMayBeNull(name *tree.UnresolvedName, facts *Facts) bool {
	if name.Star || b.isKnownNotNull(name) {
		return false
	}
	column := name.Parts[0]
	for around := b; around != nil; around = around.outer {
		for _, relation := range around.relations {
			if name.NumParts > 1 && relation.alias != name.Parts[1] {
				continue
			}
			if nullable, known := relation.column(column, facts); known {
				return nullable || relation.outer
			}
		}
	}
	return false
}

func (r *relation) column(name string, facts *Facts) (nullable, known bool) {
	if r.table != "" {
		nullable, known = facts.nullable[r.table][name]
		return nullable, known
	}
	for _, output := range r.outputs {
		if output.name == name {
			return output.nullable(facts), true
		}
	}
	return false, false
}

// isKnownNotNull: a condition on all rows would not hold for null.
func (b *block) isKnownNotNull(name *tree.UnresolvedName) bool {
	for _, conjunct := range b.conjuncts {
		if conjunct.binds != nil {
			continue
		}
		switch node := conjunct.expr.(type) {
		case *tree.IsNotNullExpr:
			if sameColumn(node.Expr, name) {
				return true
			}
		case *tree.ComparisonExpr:
			if node.Operator.Symbol == treecmp.IsDistinctFrom || node.Operator.Symbol == treecmp.IsNotDistinctFrom {
				continue
			}
			if sameColumn(node.Left, name) || sameColumn(node.Right, name) {
				return true
			}
		}
	}
	return false
}

func sameColumn(expr tree.Expr, name *tree.UnresolvedName) bool {
	other, ok := expr.(*tree.UnresolvedName)
	return ok && other.Parts[0] == name.Parts[0] &&
		(other.NumParts == 1 || name.NumParts == 1 || other.Parts[1] == name.Parts[1])
}

func selectOutputs(exprs tree.SelectExprs, made *block) []output {
	var outputs []output
	for _, item := range exprs {
		if name, ok := item.Expr.(*tree.UnresolvedName); ok && name.Star {
			outputs = append(outputs, starOutputs(name, made)...)
			continue
		}
		expr := item.Expr
		outputs = append(outputs, output{
			name:     outputName(item),
			nullable: func(facts *Facts) bool { return made.mayBeNull(expr, facts) },
		})
	}
	return outputs
}

// starOutputs hands on what CTEs and subqueries give; a real table's columns are looked up late.
func starOutputs(star *tree.UnresolvedName, made *block) []output {
	var outputs []output
	for _, relation := range made.relations {
		if star.NumParts < 2 || relation.alias == star.Parts[1] {
			outputs = append(outputs, relation.outputs...)
		}
	}
	return outputs
}

func outputName(item tree.SelectExpr) string {
	if item.As != "" {
		return string(item.As)
	}
	switch node := item.Expr.(type) {
	case *tree.UnresolvedName:
		return node.Parts[0]
	case *tree.FuncExpr:
		return functionName(node)
	}
	return ""
}

func valuesOutputs(values *tree.ValuesClause, made *block) []output {
	if len(values.Rows) == 0 {
		return nil
	}
	outputs := make([]output, len(values.Rows[0]))
	for i := range outputs {
		outputs[i] = output{nullable: func(facts *Facts) bool {
			for _, row := range values.Rows {
				if i < len(row) && made.mayBeNull(row[i], facts) {
					return true
				}
			}
			return false
		}}
	}
	return outputs
}
