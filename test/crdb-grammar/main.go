// Command crdb-grammar reads SQL statements as JSON lines and prints, as JSON lines, what
// CockroachDB could not parse, could not run, or would run in a way that this project forbids.
// It decides nothing about exceptions and exit codes: its callers do.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

// Statement is one line of the input.
type Statement struct {
	Name    string `json:"name"`
	SQL     string `json:"sql"`
	Source  string `json:"source"`
	Dialect string `json:"dialect"`
}

// Violation is one line of the output. Level is error, warning or note.
type Violation struct {
	Name    string `json:"name"`
	Source  string `json:"source"`
	Rule    string `json:"rule"`
	Level   string `json:"level"`
	Message string `json:"message"`
	SQL     string `json:"sql"`
}

const (
	levelError   = "error"
	levelWarning = "warning"
	levelNote    = "note"
)

// lineBytesMax bounds one input line; CockroachDB itself takes statements of 16 MiB.
const lineBytesMax = 32 << 20

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "crdb-grammar:", err)
		os.Exit(2)
	}
}

func run(arguments []string, in io.Reader, out io.Writer) error {
	flags := flag.NewFlagSet("crdb-grammar", flag.ContinueOnError)
	regional := flags.String("regional", "", "regional tables beside those that the DDL declares, a,b,c")
	global := flags.String("global", "", "global tables beside those that the DDL declares, a,b,c")
	hot := flags.String("hot", "", "prefixes of the names of hot statements, a,b,c")
	schema := flags.String("schema", "", "JSON file: table -> column -> nullable; default: from the DDL")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	statements, err := readStatements(in)
	if err != nil {
		return err
	}
	facts, err := learn(statements, *schema)
	if err != nil {
		return err
	}
	facts.add(facts.regional, *regional)
	facts.add(facts.global, *global)
	facts.hot = splitList(*hot)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for _, violation := range checkAll(statements, facts) {
		if err := encoder.Encode(violation); err != nil {
			return err
		}
	}
	return nil
}

func readStatements(in io.Reader) ([]Statement, error) {
	scanner := bufio.NewScanner(in)
	scanner.Buffer(make([]byte, 0, 1<<16), lineBytesMax)
	var statements []Statement
	for scanner.Scan() {
		if strings.TrimSpace(scanner.Text()) == "" {
			continue
		}
		var statement Statement
		if err := json.Unmarshal(scanner.Bytes(), &statement); err != nil {
			return nil, fmt.Errorf("line %d is no statement: %w", len(statements)+1, err)
		}
		if statement.Dialect != "shared" && statement.Dialect != "cockroach" {
			return nil, fmt.Errorf("%q has the dialect %q; known: shared, cockroach", statement.Name, statement.Dialect)
		}
		statements = append(statements, statement)
	}
	return statements, scanner.Err()
}

func splitList(list string) []string {
	var parts []string
	for _, part := range strings.Split(list, ",") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}
