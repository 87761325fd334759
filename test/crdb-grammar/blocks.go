package main

import (
	"strings"

	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/sem/tree"
)

func (a *analysis) newBlock(in scope) *block {
	made := &block{outer: in.outer, part: in.part}
	a.blocks = append(a.blocks, made)
	return made
}

func (a *analysis) selection(node *tree.Select, in scope) []output {
	var outputs []output
	var made *block
	switch inner := node.Select.(type) {
	case *tree.SelectClause:
		made, outputs = a.clause(inner, in)
	case *tree.UnionClause:
		outputs = a.statement(inner.Left, in.below(in.outer))
		a.statement(inner.Right, in.below(in.outer))
	case *tree.ParenSelect:
		outputs = a.statement(inner.Select, in.below(in.outer))
	case *tree.ValuesClause:
		made = a.newBlock(in)
		a.subqueries(inner, made, in)
		outputs = valuesOutputs(inner, made)
	}
	if made == nil {
		made = a.newBlock(in)
	}
	made.orders = append(made.orders, ordering{by: node.OrderBy, outputs: outputs, positional: true})
	a.subqueries(&node.OrderBy, made, in)
	a.subqueries(node.Limit, made, in)
	return outputs
}

func (a *analysis) clause(node *tree.SelectClause, in scope) (*block, []output) {
	made := a.newBlock(in)
	made.grouped = len(node.GroupBy) > 0
	for _, table := range node.From.Tables {
		a.table(table, made, in)
	}
	a.filter(made, node.Where)
	for _, part := range []any{&node.Exprs, node.Where, &node.GroupBy, &node.DistinctOn, node.Having, &node.Window} {
		a.subqueries(part, made, in)
		a.innerOrders(part, made)
	}
	return made, selectOutputs(node.Exprs, made)
}

// innerOrders collects the order by of windows and aggregates.
func (a *analysis) innerOrders(root any, made *block) {
	walk(root, func(node any, _ []any) bool {
		switch typed := node.(type) {
		case *tree.Subquery:
			return false
		case *tree.WindowDef:
			made.orders = append(made.orders, ordering{by: typed.OrderBy})
		case *tree.FuncExpr:
			made.orders = append(made.orders, ordering{by: typed.OrderBy})
		}
		return true
	})
}

// subqueries analyses every subquery of an expression; they see the block's relations.
func (a *analysis) subqueries(root any, made *block, in scope) {
	walk(root, func(node any, _ []any) bool {
		subquery, ok := node.(*tree.Subquery)
		if !ok {
			return true
		}
		a.statement(unwrapped(subquery.Select), in.below(made))
		return false
	})
}

func (a *analysis) filter(made *block, where *tree.Where) {
	if where != nil {
		made.conjuncts = append(made.conjuncts, conjunctsOf(where.Expr, nil)...)
	}
}

func conjunctsOf(expr tree.Expr, binds map[*relation]bool) []conjunct {
	switch node := expr.(type) {
	case *tree.AndExpr:
		return append(conjunctsOf(node.Left, binds), conjunctsOf(node.Right, binds)...)
	case *tree.ParenExpr:
		return conjunctsOf(node.Expr, binds)
	}
	return []conjunct{{expr: expr, binds: binds}}
}

// table adds the relations of one table expression and returns them.
func (a *analysis) table(expr tree.TableExpr, made *block, in scope) []*relation {
	switch node := expr.(type) {
	case *tree.AliasedTableExpr:
		added := a.table(node.Expr, made, in)
		if node.As.Alias != "" && len(added) == 1 {
			added[0].alias = string(node.As.Alias)
			added[0].outputs = renamed(added[0].outputs, node.As.Cols)
		}
		return added
	case *tree.ParenTableExpr:
		return a.table(node.Expr, made, in)
	case *tree.JoinTableExpr:
		return a.join(node, made, in)
	case *tree.Subquery:
		outputs := a.statement(unwrapped(node.Select), in.below(made))
		return made.add(&relation{outputs: outputs})
	case *tree.StatementSource:
		return made.add(&relation{outputs: a.statement(node.Statement, in.below(made))})
	case *tree.RowsFromExpr:
		a.subqueries(node, made, in)
		return made.add(&relation{})
	case *tree.TableName:
		return made.add(a.named(node, in))
	}
	return made.add(&relation{})
}

func unwrapped(statement tree.SelectStatement) tree.Statement {
	if paren, ok := statement.(*tree.ParenSelect); ok {
		return paren.Select
	}
	return statement
}

func (made *block) add(added *relation) []*relation {
	made.relations = append(made.relations, added)
	return []*relation{added}
}

// named is a CTE, if one of that name is in sight, else a real table.
func (a *analysis) named(name *tree.TableName, in scope) *relation {
	plain := string(name.ObjectName)
	if known := in.ctes[plain]; known != nil && name.SchemaName == "" {
		if known.index >= 0 {
			a.uses = append(a.uses, use{cte: known.index, by: in.part})
		}
		return &relation{alias: plain, outputs: known.outputs}
	}
	table := realName(name)
	a.reads = append(a.reads, read{table: table, part: in.part})
	return &relation{alias: plain, table: table}
}

func realName(name *tree.TableName) string {
	table, schema := string(name.ObjectName), strings.ToLower(string(name.SchemaName))
	if schema == "information_schema" || schema == "crdb_internal" {
		return schema + "." + table
	}
	return table
}

func (a *analysis) join(node *tree.JoinTableExpr, made *block, in scope) []*relation {
	left := a.table(node.Left, made, in)
	right := a.table(node.Right, made, in)
	both := append(left[:len(left):len(left)], right...)
	filtered := both
	switch strings.ToUpper(node.JoinType) {
	case tree.AstLeft:
		filtered = right
		markOuter(right)
	case tree.AstRight:
		filtered = left
		markOuter(left)
	case tree.AstFull:
		filtered = nil
		markOuter(both)
	}
	binds := map[*relation]bool{}
	for _, relation := range filtered {
		binds[relation] = true
	}
	switch condition := node.Cond.(type) {
	case *tree.OnJoinCond:
		made.conjuncts = append(made.conjuncts, conjunctsOf(condition.Expr, binds)...)
		a.subqueries(condition, made, in)
	case *tree.UsingJoinCond:
		for _, column := range condition.Cols {
			made.conjuncts = append(made.conjuncts, usingConjuncts(left, right, column, binds)...)
		}
	}
	return both
}

func markOuter(relations []*relation) {
	for _, relation := range relations {
		relation.outer = true
	}
}

// usingConjuncts spells `using (column)` as equalities between the two sides.
func usingConjuncts(left, right []*relation, column tree.Name, binds map[*relation]bool) []conjunct {
	var made []conjunct
	for _, one := range left {
		for _, other := range right {
			equality := &tree.ComparisonExpr{
				Operator: equals,
				Left:     tree.NewUnresolvedName(one.alias, string(column)),
				Right:    tree.NewUnresolvedName(other.alias, string(column)),
			}
			made = append(made, conjunct{expr: equality, binds: binds})
		}
	}
	return made
}

func (a *analysis) target(expr tree.TableExpr, made *block, in scope) *relation {
	added := &relation{target: true}
	if aliased, ok := expr.(*tree.AliasedTableExpr); ok {
		added.alias = string(aliased.As.Alias)
		expr = aliased.Expr
	}
	if name, ok := expr.(*tree.TableName); ok {
		added.table = realName(name)
		if added.alias == "" {
			added.alias = string(name.ObjectName)
		}
	}
	made.add(added)
	a.mutations = append(a.mutations, mutation{table: added.table, part: in.part})
	return added
}

func (a *analysis) insertion(node *tree.Insert, in scope) []output {
	made := a.newBlock(in)
	a.target(node.Table, made, in)
	made.insert = node
	if node.Rows != nil && node.Rows.Select != nil {
		a.statement(node.Rows, in.below(nil))
	}
	a.subqueries(node.OnConflict, made, in)
	return a.returning(node.Returning, made, in)
}

func (a *analysis) update(node *tree.Update, in scope) []output {
	made := a.newBlock(in)
	a.target(node.Table, made, in)
	for _, table := range node.From {
		a.table(table, made, in)
	}
	a.filter(made, node.Where)
	a.subqueries(&node.Exprs, made, in)
	a.subqueries(node.Where, made, in)
	return a.returning(node.Returning, made, in)
}

func (a *analysis) deletion(node *tree.Delete, in scope) []output {
	made := a.newBlock(in)
	a.target(node.Table, made, in)
	for _, table := range node.Using {
		a.table(table, made, in)
	}
	a.filter(made, node.Where)
	a.subqueries(node.Where, made, in)
	return a.returning(node.Returning, made, in)
}

func (a *analysis) returning(clause tree.ReturningClause, made *block, in scope) []output {
	returned, ok := clause.(*tree.ReturningExprs)
	if !ok {
		return nil
	}
	a.subqueries(returned, made, in)
	return selectOutputs(tree.SelectExprs(*returned), made)
}
