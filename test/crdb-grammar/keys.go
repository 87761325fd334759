package main

import (
	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/sem/tree"
)

const regionColumn = "region"

// checkKeys holds the shape of regional tables: the region is a not null column of the enum and
// comes first in every key, so that uniqueness is checked inside one region.
func checkKeys(subject *Subject) {
	switch node := subject.tree.(type) {
	case *tree.CreateTable:
		checkTableKeys(subject, node)
	case *tree.CreateIndex:
		table := string(node.Table.ObjectName)
		if node.Unique && subject.facts.regional[table] {
			checkKey(subject, table, "unique index "+string(node.Name), node.Columns)
		}
		checkIndexNulls(subject, node.Columns)
	case *tree.AlterTable:
		checkAddedKeys(subject, node)
	}
}

func checkTableKeys(subject *Subject, table *tree.CreateTable) {
	name := string(table.Table.ObjectName)
	regional := subject.facts.regional[name]
	hasRegion, hasPrimary := false, false
	for _, definition := range table.Defs {
		switch typed := definition.(type) {
		case *tree.ColumnTableDef:
			hasRegion = hasRegion || isRegionColumn(typed)
			checkColumnKeys(subject, name, typed)
		case *tree.UniqueConstraintTableDef:
			hasPrimary = hasPrimary || typed.PrimaryKey
			if regional {
				checkKey(subject, name, keyKind(typed), typed.Columns)
			}
		case *tree.ForeignKeyConstraintTableDef:
			checkForeignKey(subject, name, typed)
		}
	}
	if !regional {
		return
	}
	if !hasRegion {
		subject.fail("regional-key", "%s is regional and has no column `region %s not null`", name, regionType)
	}
	if !hasPrimary {
		subject.fail("regional-key", "%s is regional and has no primary key that starts with region", name)
	}
}

func isRegionColumn(column *tree.ColumnTableDef) bool {
	return column.Name == regionColumn && isRegionType(column.Type) && column.Nullable.Nullability == tree.NotNull
}

func checkColumnKeys(subject *Subject, table string, column *tree.ColumnTableDef) {
	if subject.facts.regional[table] && (column.PrimaryKey.IsPrimaryKey || column.Unique.IsUnique) {
		if column.Name != regionColumn {
			subject.fail("regional-key", "%s.%s is unique by itself: each write would ask all regions; put region first", table, column.Name)
		}
	}
	if column.References.Table != nil {
		checkActions(subject, column.References.Actions)
		other := string(column.References.Table.ObjectName)
		if subject.facts.regional[table] && subject.facts.regional[other] {
			subject.fail("regional-key", "the foreign key %s.%s lacks region: a miss asks all regions", table, column.Name)
		}
	}
}

func keyKind(key *tree.UniqueConstraintTableDef) string {
	if key.PrimaryKey {
		return "primary key"
	}
	return "unique key"
}

func checkKey(subject *Subject, table, kind string, columns tree.IndexElemList) {
	if len(columns) > 0 && columns[0].Column == regionColumn {
		return
	}
	subject.fail("regional-key", "%s: the %s does not start with region: each write would ask all regions", table, kind)
}

func checkForeignKey(subject *Subject, table string, key *tree.ForeignKeyConstraintTableDef) {
	checkActions(subject, key.Actions)
	other := string(key.Table.ObjectName)
	if !subject.facts.regional[table] || !subject.facts.regional[other] {
		return
	}
	if !hasName(key.FromCols, regionColumn) || !hasName(key.ToCols, regionColumn) {
		subject.fail("regional-key", "the foreign key from %s to %s lacks region: a miss asks all regions", table, other)
	}
}

func checkActions(subject *Subject, actions tree.ReferenceActions) {
	for _, action := range []tree.ReferenceAction{actions.Delete, actions.Update} {
		if action != tree.NoAction && action != tree.Restrict {
			subject.fail("cascade", "a foreign key with %s: CockroachDB and PostgreSQL differ when tables are written together (cockroach #70731)", action)
		}
	}
}

func checkAddedKeys(subject *Subject, alter *tree.AlterTable) {
	table := alter.Table.Object()
	for _, command := range alter.Cmds {
		switch typed := command.(type) {
		case *tree.AlterTableAddColumn:
			checkColumnKeys(subject, table, typed.ColumnDef)
		case *tree.AlterTableAddConstraint:
			checkAddedConstraint(subject, table, typed.ConstraintDef)
		}
	}
}

func checkAddedConstraint(subject *Subject, table string, constraint tree.ConstraintTableDef) {
	switch typed := constraint.(type) {
	case *tree.UniqueConstraintTableDef:
		if subject.facts.regional[table] {
			checkKey(subject, table, keyKind(typed), typed.Columns)
		}
	case *tree.ForeignKeyConstraintTableDef:
		checkForeignKey(subject, table, typed)
	}
}

func checkIndexNulls(subject *Subject, columns tree.IndexElemList) {
	for _, column := range columns {
		if !nullsAsOldVersions(column.Direction, column.NullsOrder) {
			subject.fail("newer", "an index with nulls against CockroachDB's order: since v22.1, and never a difference in the index")
		}
	}
}

func hasName(names tree.NameList, wanted string) bool {
	for _, name := range names {
		if string(name) == wanted {
			return true
		}
	}
	return false
}
