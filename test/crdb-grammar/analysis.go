package main

import (
	"strings"

	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/sem/tree"
)

// analysis is a statement seen as blocks: which tables each select, update, delete or insert
// names, under which alias, and in which part of the statement it stands.
type analysis struct {
	blocks    []*block
	reads     []read
	mutations []mutation
	// parts are the top-level CTEs in their order; the main statement is part len(parts).
	parts []*part
	// uses lists which part names which top-level CTE.
	uses []use
	// nested: something is written below the top level.
	nested bool
}

type part struct {
	name         string
	materialized bool
	mutates      bool
}

type read struct {
	table string
	part  int
}

type mutation struct {
	table string
	part  int
}

type use struct{ cte, by int }

// block is one list of relations with what is said about them.
type block struct {
	relations []*relation
	conjuncts []conjunct
	insert    *tree.Insert
	outer     *block
	part      int
	grouped   bool
	orders    []ordering
}

// ordering is an order by with what its plain names may mean beside columns: select items.
type ordering struct {
	by      tree.OrderBy
	outputs []output
	// positional: a bare number is the number of a select item (not so in windows, aggregates).
	positional bool
}

// output is one column that a query hands on.
type output struct {
	name     string
	nullable func(*Facts) bool
}

type relation struct {
	alias string
	// table is the real table, or empty for a CTE, a subquery or a function.
	table string
	// target: the relation that is written, not read.
	target bool
	// outer: an outer join may make its columns null.
	outer   bool
	outputs []output
}

// conjunct is one condition that must hold; binds lists the relations whose rows it filters,
// nil for all (an outer join's condition filters only the inner side).
type conjunct struct {
	expr  tree.Expr
	binds map[*relation]bool
}

type cte struct {
	index   int
	outputs []output
}

// scope is what names mean at one place.
type scope struct {
	ctes  map[string]*cte
	outer *block
	part  int
	depth int
}

func (inner scope) with(name string, known *cte) scope {
	ctes := map[string]*cte{name: known}
	for other, value := range inner.ctes {
		if other != name {
			ctes[other] = value
		}
	}
	inner.ctes = ctes
	return inner
}

func (inner scope) below(outer *block) scope {
	inner.outer = outer
	inner.depth++
	return inner
}

func analyse(statement tree.Statement) *analysis {
	result := &analysis{}
	if with := withOf(statement); with != nil {
		for _, each := range with.CTEList {
			result.parts = append(result.parts, &part{
				name:         string(each.Name.Alias),
				materialized: each.Mtr == tree.CTEMaterializeAlways,
				mutates:      isMutation(each.Stmt),
			})
		}
	}
	result.statement(statement, scope{part: len(result.parts)})
	return result
}

func isMutation(statement tree.Statement) bool {
	switch statement.(type) {
	case *tree.Insert, *tree.Update, *tree.Delete:
		return true
	}
	return false
}

func withOf(statement tree.Statement) *tree.With {
	switch node := statement.(type) {
	case *tree.Select:
		return node.With
	case *tree.Insert:
		return node.With
	case *tree.Update:
		return node.With
	case *tree.Delete:
		return node.With
	}
	return nil
}

func (a *analysis) statement(statement tree.Statement, in scope) []output {
	in = a.ctes(statement, in)
	if isMutation(statement) && in.depth > 1 {
		a.nested = true
	}
	switch node := statement.(type) {
	case *tree.Select:
		return a.selection(node, in)
	case *tree.Insert:
		return a.insertion(node, in)
	case *tree.Update:
		return a.update(node, in)
	case *tree.Delete:
		return a.deletion(node, in)
	case *tree.CreateTable:
		if node.AsSource != nil {
			return a.statement(node.AsSource, in)
		}
	case *tree.CreateView:
		return a.statement(node.AsSource, in)
	case *tree.Explain:
		return a.statement(node.Statement, in)
	case *tree.ExplainAnalyze:
		return a.statement(node.Statement, in)
	}
	return nil
}

func (a *analysis) ctes(statement tree.Statement, in scope) scope {
	with := withOf(statement)
	if with == nil {
		return in
	}
	for i, each := range with.CTEList {
		inside, index := in, -1
		inside.depth++
		if in.depth == 0 {
			inside.part, index = i, i
		}
		name := string(each.Name.Alias)
		if with.Recursive {
			inside = inside.with(name, &cte{index: -1})
		}
		outputs := a.statement(each.Stmt, inside)
		in = in.with(name, &cte{index: index, outputs: renamed(outputs, each.Name.Cols)})
	}
	return in
}

func renamed(outputs []output, columns tree.ColumnDefList) []output {
	if len(columns) == 0 {
		return outputs
	}
	result := make([]output, len(columns))
	for i, column := range columns {
		result[i] = output{name: string(column.Name), nullable: func(*Facts) bool { return false }}
		if i < len(outputs) {
			result[i].nullable = outputs[i].nullable
		}
	}
	return result
}

// readsOnlyCatalog: no table of ours, so that the catalogue's own functions and types may be used.
func (a *analysis) readsOnlyCatalog() bool {
	for _, block := range a.blocks {
		for _, relation := range block.relations {
			if relation.table != "" && !isCatalog(relation.table) {
				return false
			}
		}
	}
	return true
}

// readsCatalog: at least one table of the catalogue and none of ours.
func (a *analysis) readsCatalog() bool {
	return len(a.reads) > 0 && a.readsOnlyCatalog()
}

func isCatalog(table string) bool {
	return strings.HasPrefix(table, "pg_") || strings.HasPrefix(table, "information_schema.")
}
