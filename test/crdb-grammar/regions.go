package main

import (
	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/sem/tree"
	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/sem/tree/treecmp"
)

// checkRegions: each regional table that is read or changed has `region = …` among the conditions
// that must hold, and each row that is inserted names its region. Otherwise every region is asked.
func checkRegions(subject *Subject) {
	for _, block := range subject.analysis.blocks {
		if block.insert != nil {
			checkInsertRegion(subject, block)
			continue
		}
		bound := block.boundRelations()
		for _, relation := range block.relations {
			if subject.facts.regional[relation.table] && !bound[relation] {
				subject.fail("region-unbound", "%s is regional and nothing binds its region: add %s.region = $n, or equal it to a region that is bound (an or, an any(…) and an in (…) do not bind)", relation.table, relation.alias)
			}
		}
	}
}

func checkInsertRegion(subject *Subject, block *block) {
	table := block.relations[0].table
	if !subject.facts.regional[table] {
		return
	}
	position := -1
	for i, column := range block.insert.Columns {
		if column == regionColumn {
			position = i
		}
	}
	if position < 0 {
		subject.fail("region-insert", "%s is regional and the insert does not name region among its columns", table)
		return
	}
	if values, ok := block.insert.Rows.Select.(*tree.ValuesClause); ok {
		for _, row := range values.Rows {
			if position < len(row) {
				if _, isDefault := row[position].(tree.DefaultVal); isDefault {
					subject.fail("region-insert", "%s is regional: its region has no default", table)
				}
			}
		}
	}
}

// equality of two region columns, or of one and a value (right is nil).
type equality struct {
	left, right *relation
	binds       map[*relation]bool
}

// boundRelations starts from what is compared with a value and follows the equalities.
func (b *block) boundRelations() map[*relation]bool {
	bound := map[*relation]bool{}
	for _, relation := range b.relations {
		// CTEs, subqueries and functions are judged where they read.
		if relation.table == "" {
			bound[relation] = true
		}
	}
	equalities := b.equalities()
	for changed := true; changed; {
		changed = false
		for _, equal := range equalities {
			changed = equal.follow(bound, equal.left, equal.right) || changed
			changed = equal.follow(bound, equal.right, equal.left) || changed
		}
	}
	return bound
}

func (equal equality) follow(bound map[*relation]bool, to, from *relation) bool {
	if to == nil || bound[to] || from != nil && !bound[from] {
		return false
	}
	if equal.binds != nil && !equal.binds[to] {
		return false
	}
	bound[to] = true
	return true
}

func (b *block) equalities() []equality {
	var found []equality
	for _, conjunct := range b.conjuncts {
		comparison, ok := conjunct.expr.(*tree.ComparisonExpr)
		if !ok || comparison.Operator.Symbol != treecmp.EQ {
			continue
		}
		for _, pair := range pairsOf(comparison) {
			left, right := b.regionOf(pair[0]), b.regionOf(pair[1])
			switch {
			case left != nil && right != nil:
				found = append(found, equality{left, right, conjunct.binds})
			case left != nil && isFixed(pair[1]):
				found = append(found, equality{left, nil, conjunct.binds})
			case right != nil && isFixed(pair[0]):
				found = append(found, equality{right, nil, conjunct.binds})
			}
		}
	}
	return found
}

// pairsOf also takes (region, id) = ($1, $2) apart.
func pairsOf(comparison *tree.ComparisonExpr) [][2]tree.Expr {
	left, leftIsTuple := tree.StripParens(comparison.Left).(*tree.Tuple)
	right, rightIsTuple := tree.StripParens(comparison.Right).(*tree.Tuple)
	if !leftIsTuple || !rightIsTuple || len(left.Exprs) != len(right.Exprs) {
		return [][2]tree.Expr{{tree.StripParens(comparison.Left), tree.StripParens(comparison.Right)}}
	}
	var pairs [][2]tree.Expr
	for i := range left.Exprs {
		pairs = append(pairs, [2]tree.Expr{left.Exprs[i], right.Exprs[i]})
	}
	return pairs
}

// regionOf finds the relation of this block whose region column an expression is.
func (b *block) regionOf(expr tree.Expr) *relation {
	name, ok := expr.(*tree.UnresolvedName)
	if !ok || name.Star || name.Parts[0] != regionColumn {
		return nil
	}
	var found *relation
	for _, relation := range b.relations {
		if name.NumParts > 1 {
			if relation.alias == name.Parts[1] {
				return relation
			}
			continue
		}
		// A plain `region` means the one real table; PostgreSQL refuses it where it could be two.
		if relation.table != "" && found == nil {
			found = relation
		}
	}
	return found
}

// isFixed: one value for the whole block: a parameter, a literal, one row's answer, or a column
// of a query around this one (whose own region is judged there).
func isFixed(expr tree.Expr) bool {
	switch node := expr.(type) {
	case *tree.Placeholder, *tree.StrVal, *tree.Subquery:
		return true
	case *tree.CastExpr:
		return isFixed(node.Expr)
	case *tree.UnresolvedName:
		return !node.Star && node.Parts[0] == regionColumn && node.NumParts > 1
	}
	return false
}
