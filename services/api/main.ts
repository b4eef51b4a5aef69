import type { HttpServer } from '#shared/http.ts';
import { Lifecycle, type Stop } from '#shared/lifecycle.ts';
import type { TopicName } from '#shared/log/topics.ts';
import { followIntentions } from '#shared/policy/follow-intentions.ts';
import { startAlertFeed } from './alert-feed.ts';
import type { ApiDependencies, ApiScope } from './dependencies.ts';
import { guardScope } from './guard.ts';
import { describeApi, openapiRoute } from './openapi.ts';
import { agentRoutes } from './routes/agents.ts';
import { alertStreamRoutes } from './routes/alert-stream.ts';
import { alertRoutes } from './routes/alerts.ts';
import { containmentRoutes, createContainments } from './routes/containments.ts';
import { decisionRoutes } from './routes/decisions.ts';
import { eventRoutes } from './routes/events.ts';
import { explanationRoutes } from './routes/explanation.ts';
import { policyRoutes } from './routes/policy.ts';
import { policyExportRoutes } from './routes/policy-exports.ts';
import { createAssessments, postureRoutes } from './routes/posture.ts';
import { privilegeRoutes } from './routes/privilege.ts';
import { recordRoutes } from './routes/records.ts';
import { registryRoutes } from './routes/registry.ts';
import { registryImportRoutes } from './routes/registry-imports.ts';
import { sourceRoutes } from './routes/sources.ts';
import { statusRoutes } from './routes/status.ts';
import { versionRoutes } from './routes/versions.ts';
import { watchThroughput } from './throughput.ts';

export type { ApiDependencies, LogReader } from './dependencies.ts';

const watchedTopics = ['events', 'rejects', 'signals', 'alerts'] as const satisfies readonly TopicName[];

/**
 * Puts the API under `/api/v1` of a server that somebody else started and will listen with. The topics must exist.
 *
 * @returns ends the streams and what runs beside the routes; the server's own close ends the streams too
 */
export async function registerApi(server: HttpServer, dependencies: ApiDependencies): Promise<Stop> {
  const { context, settings, authenticate, version } = dependencies;
  const lifecycle = new Lifecycle();
  const feed = await startAlertFeed(context);
  lifecycle.defer(feed.stop);
  const throughput = watchThroughput(context.log, context.clock, watchedTopics);
  lifecycle.defer(throughput.stop);
  const containments = createContainments();
  const assessments = createAssessments();
  const followed = await followIntentions({
    log: context.log,
    name: 'api.intentions',
    onError: context.fail,
    onDecision: (key, decision) => {
      containments.take(key, decision);
      assessments.take(decision);
    },
  });
  lifecycle.defer(followed.stop);
  const ended = new AbortController();
  const endStreams = async () => ended.abort();
  lifecycle.defer(endStreams);
  server.addHook('preClose', endStreams);
  const guard = { authenticate, clock: context.clock, ratePerSecond: settings.rate_per_second };
  await server.register(
    async (api: ApiScope) => {
      await describeApi(api, version);
      api.setSerializerCompiler(() => JSON.stringify); // the schemas describe what the store already holds
      await api.register(async (scope: ApiScope) => {
        const callerOf = guardScope(scope, { ...guard, requestsMax: settings.queries_max });
        alertRoutes(scope, dependencies);
        explanationRoutes(scope, dependencies);
        eventRoutes(scope, dependencies);
        agentRoutes(scope, dependencies);
        decisionRoutes(scope, dependencies, callerOf);
        policyRoutes(scope, dependencies, callerOf, followed.intentions);
        policyExportRoutes(scope, dependencies, followed.intentions);
        registryRoutes(scope, dependencies, callerOf, followed.intentions);
        registryImportRoutes(scope, dependencies, callerOf, followed.intentions);
        privilegeRoutes(scope, dependencies, followed.intentions);
        containmentRoutes(scope, dependencies, callerOf, containments);
        postureRoutes(scope, dependencies, callerOf, { intentions: followed.intentions, assessments });
        versionRoutes(scope, dependencies, callerOf, followed.intentions);
        recordRoutes(scope, dependencies);
        sourceRoutes(scope, dependencies);
        statusRoutes(scope, dependencies, throughput);
        openapiRoute(scope);
      });
      await api.register(async (scope: ApiScope) => {
        guardScope(scope, { ...guard, requestsMax: settings.streams_max });
        alertStreamRoutes(scope, dependencies, feed, ended.signal);
      });
    },
    { prefix: '/api/v1' },
  );
  return () => lifecycle.stop();
}
