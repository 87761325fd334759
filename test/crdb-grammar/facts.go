package main

import (
	"encoding/json"
	"os"
	"strings"

	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/sem/tree"
)

// Facts is what rules know about the database: read from the DDL among the statements, so that
// it can't be forgotten, and from flags.
type Facts struct {
	regional map[string]bool
	global   map[string]bool
	// nullable tells for each known table which of its columns may be null.
	nullable map[string]map[string]bool
	hot      []string
}

// learn reads localities and nullability out of all DDL; schemaFile replaces the nullability.
func learn(statements []Statement, schemaFile string) (*Facts, error) {
	facts := &Facts{
		regional: map[string]bool{},
		global:   map[string]bool{},
		nullable: map[string]map[string]bool{},
	}
	for _, statement := range statements {
		parsed, err := parse(statement.SQL)
		if err != nil {
			continue
		}
		for _, one := range parsed {
			facts.learnOne(one.AST)
		}
	}
	if schemaFile == "" {
		return facts, nil
	}
	content, err := os.ReadFile(schemaFile)
	if err != nil {
		return nil, err
	}
	return facts, json.Unmarshal(content, &facts.nullable)
}

func (facts *Facts) learnOne(statement tree.Statement) {
	switch node := statement.(type) {
	case *tree.CreateTable:
		name := string(node.Table.ObjectName)
		facts.learnLocality(name, node.Locality)
		facts.nullable[name] = columnsOf(node.Defs)
	case *tree.AlterTableLocality:
		facts.learnLocality(node.Name.Object(), node.Locality)
	case *tree.AlterTable:
		name := node.Table.Object()
		for _, command := range node.Cmds {
			facts.learnAlteration(name, command)
		}
	}
}

func (facts *Facts) learnAlteration(table string, command tree.AlterTableCmd) {
	columns := facts.nullable[table]
	if columns == nil {
		columns = map[string]bool{}
	}
	switch change := command.(type) {
	case *tree.AlterTableAddColumn:
		columns[string(change.ColumnDef.Name)] = mayBeNull(change.ColumnDef)
	case *tree.AlterTableSetNotNull:
		columns[string(change.Column)] = false
	case *tree.AlterTableDropNotNull:
		columns[string(change.Column)] = true
	default:
		return
	}
	facts.nullable[table] = columns
}

func (facts *Facts) learnLocality(table string, locality *tree.Locality) {
	if locality == nil {
		return
	}
	switch locality.LocalityLevel {
	case tree.LocalityLevelRow:
		facts.regional[table] = true
	case tree.LocalityLevelGlobal:
		facts.global[table] = true
	}
}

func columnsOf(definitions tree.TableDefs) map[string]bool {
	columns := map[string]bool{}
	for _, definition := range definitions {
		if column, ok := definition.(*tree.ColumnTableDef); ok {
			columns[string(column.Name)] = mayBeNull(column)
		}
	}
	for _, definition := range definitions {
		unique, ok := definition.(*tree.UniqueConstraintTableDef)
		if !ok || !unique.PrimaryKey {
			continue
		}
		for _, element := range unique.Columns {
			columns[string(element.Column)] = false
		}
	}
	return columns
}

func mayBeNull(column *tree.ColumnTableDef) bool {
	return column.Nullable.Nullability != tree.NotNull && !column.PrimaryKey.IsPrimaryKey
}

func (facts *Facts) add(set map[string]bool, list string) {
	for _, name := range splitList(list) {
		set[name] = true
	}
}

func (facts *Facts) isHot(name string) bool {
	for _, prefix := range facts.hot {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}
