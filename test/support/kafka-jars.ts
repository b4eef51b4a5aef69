import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

// Run as a program (`node test/support/kafka-jars.ts`) it fetches the broker, so that tests need no network.
const kafkaVersion = '4.1.0';
const repository = fileURLToPath(new URL('../..', import.meta.url));
const jarsFolder = join(repository, 'node_modules', '.cache', 'amiss-kafka', kafkaVersion);
const fetchMsMax = 300_000;

/** A Maven project whose run-time dependencies are the broker. */
const project = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>amiss.test</groupId>
  <artifactId>kafka-broker</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>${kafkaVersion}</version>
    </dependency>
  </dependencies>
</project>
`;

const run = promisify(execFile);

/**
 * The folder with the jars of Apache Kafka (43 MB), fetched from Maven Central by Maven's dependency plugin the
 * first time. Safe to call from several processes: whoever is first puts the folder in place in one step.
 *
 * @returns the folder, or the reason why there is none
 */
export async function kafkaJars(): Promise<{ folder: string } | { missing: string }> {
  if (existsSync(jarsFolder)) return { folder: jarsFolder };
  const parent = dirname(jarsFolder);
  await mkdir(parent, { recursive: true });
  const work = await mkdtemp(join(parent, 'fetch-'));
  try {
    await writeFile(join(work, 'pom.xml'), project);
    const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
    const options = ['-B', '-q', goal, '-DincludeScope=runtime', '-DoutputDirectory=jars'];
    await run('mvn', options, { cwd: work, timeout: fetchMsMax });
    await rename(join(work, 'jars'), jarsFolder).catch((error) => {
      if (!existsSync(jarsFolder)) throw error; // otherwise another process was first
    });
    return { folder: jarsFolder };
  } catch (error) {
    return { missing: `Maven could not fetch Apache Kafka ${kafkaVersion}: ${String(error).slice(0, 500)}` };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const jars = await kafkaJars();
  if ('missing' in jars) throw new Error(jars.missing);
  const count = (await readdir(jars.folder)).length;
  process.stdout.write(`Apache Kafka ${kafkaVersion}: ${count} jars in ${jars.folder}\n`);
}
