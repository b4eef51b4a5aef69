#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { AppError, messageOf } from '#shared/errors.ts';
import { addAlertCommands } from './cli/alerts.ts';
import { addAssessCommand } from './cli/assess.ts';
import { addAttackSimulationCommand } from './cli/attack-simulation.ts';
import { addBacktestCommand } from './cli/backtest.ts';
import { addConfigCommands } from './cli/config.ts';
import { addContainmentCommands } from './cli/containment.ts';
import { addDemoCommand } from './cli/demo.ts';
import { addExplainCommand } from './cli/explain.ts';
import { addIngestCommands } from './cli/ingest.ts';
import { addMapCommand } from './cli/map.ts';
import { addObserveCommand } from './cli/observe.ts';
import { addPolicyCommands } from './cli/policy.ts';
import { addRegistryCommands } from './cli/registry.ts';
import { addReplayCommand } from './cli/replay.ts';
import { addServeCommands } from './cli/serve.ts';
import { addSimulateCommand } from './cli/simulate.ts';
import { addTailCommand } from './cli/tail.ts';
import { version } from './cli/version.ts';
import { addVersionCommands } from './cli/versions.ts';

/** The `amiss` command. Each group of commands is one file in `cli/`; this one lists them. */
const program = new Command('amiss')
  .description('Notices when an agent stops behaving like itself.')
  .version(version)
  .option('--config <file>', 'configuration file (AMISS_CONFIG; amiss.yaml in this folder if there is one)')
  .option('--data <dir>', 'data folder (AMISS_DATA)')
  .option('--listen <host:port>', 'address of ingest and API (AMISS_LISTEN)')
  .option('--log-level <level>', 'trace, debug, info, warn, error, fatal or silent (AMISS_LOG_LEVEL)')
  .showSuggestionAfterError()
  .configureHelp({ showGlobalOptions: true })
  .exitOverride();

const lingerMs = 3_000;
const commands = [
  addServeCommands,
  addDemoCommand,
  addAlertCommands,
  addExplainCommand,
  addBacktestCommand,
  addIngestCommands,
  addReplayCommand,
  addTailCommand,
  addObserveCommand,
  addSimulateCommand,
  addMapCommand,
  addRegistryCommands,
  addPolicyCommands,
  addContainmentCommands,
  addVersionCommands,
  addAssessCommand,
  addAttackSimulationCommand,
  addConfigCommands,
];
for (const add of commands) add(program);

// Whoever reads our output may stop before its end: `amiss alerts | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
  // What a failed start could not close must not keep the process, or nobody would start it again.
  setTimeout(() => process.exit(), lingerMs).unref();
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // commander has printed it
  process.stderr.write(`amiss: ${messageOf(error)}\n`);
  if (!(error instanceof AppError)) process.stderr.write(`${(error as Error).stack}\n`);
  return error instanceof AppError && (error.code === 'CONFIG_INVALID' || error.code === 'USAGE') ? 2 : 1;
}
