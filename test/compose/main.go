// Command compose-check loads Compose files, each laid over the ones before, as Docker does: schema, interpolation, anchors, and
// that every service, network and volume that is named exists. Prints the whole project as JSON, or
// with --yaml any YAML file; what it should be like is for its caller to judge.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/compose-spec/compose-go/v2/cli"
	"go.yaml.in/yaml/v4"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "compose-check:", err)
		os.Exit(2)
	}
}

func run(arguments []string) error {
	flags := flag.NewFlagSet("compose-check", flag.ContinueOnError)
	env := flags.String("env-file", "", "values for the file's variables, in place of any environment")
	plain := flags.Bool("yaml", false, "the file is not a Compose file: only print it")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if flags.NArg() == 0 || *plain && flags.NArg() != 1 {
		return fmt.Errorf("want Compose files, or one other file, got %d", flags.NArg())
	}
	if *plain {
		return printYAML(flags.Arg(0))
	}
	return printProject(flags.Args(), *env)
}

func printProject(files []string, env string) error {
	functions := []cli.ProjectOptionsFn{
		cli.WithProfiles([]string{"*"}),
		cli.WithWorkingDirectory(filepath.Dir(files[0])),
		cli.WithInterpolation(true),
		cli.WithNormalization(true),
		cli.WithConsistency(true),
		cli.WithResolvedPaths(true),
	}
	if env != "" {
		functions = append(functions, cli.WithEnvFiles(env), cli.WithDotEnv)
	}
	options, err := cli.NewProjectOptions(files, functions...)
	if err != nil {
		return err
	}
	project, err := options.LoadProject(context.Background())
	if err != nil {
		return err
	}
	text, err := project.MarshalJSON()
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(text)
	return err
}

func printYAML(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var content any
	if err := yaml.Unmarshal(text, &content); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(content)
}
