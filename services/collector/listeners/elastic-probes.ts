import type { FastifyReply } from '#shared/http.ts';
import type { BytesScope } from './http-body.ts';

// A version whose bulk interface every current client speaks.
const version = {
  number: '8.17.0',
  build_flavor: 'default',
  build_type: 'docker',
  build_hash: 'amiss',
  build_date: '2024-12-11T12:08:05Z',
  build_snapshot: false,
  lucene_version: '9.12.0',
  minimum_wire_compatibility_version: '7.17.0',
  minimum_index_compatibility_version: '7.0.0',
};

const license = {
  uid: 'amiss',
  type: 'basic',
  status: 'active', // Logstash refuses a host without one
  expiry_date_in_millis: 4_000_000_000_000,
};

const about = {
  name: 'amiss',
  cluster_name: 'amiss',
  cluster_uuid: 'amiss',
  version,
  tagline: 'You Know, for Search',
};

const health = { cluster_name: 'amiss', status: 'green', timed_out: false, number_of_nodes: 1 };
const nodes = { _nodes: { total: 1, successful: 1, failed: 0 }, cluster_name: 'amiss', nodes: {} };

/** What shippers ask before they send: paths below the prefix, with the answers that let them go on. */
const answers: Readonly<Record<string, object>> = {
  '/': about,
  '/_license': { license },
  '/_xpack': { build: {}, license, features: {} },
  '/_cluster/health': health,
  '/_cat/health': [health],
  '/_nodes': nodes,
  '/_nodes/*': nodes,
  '/_cat/*': [],
  '/_cluster/*': { persistent: {}, transient: {} },
};

/** Things that shippers set up; here there is nothing to set up, and they are told that it is done. */
const acknowledged = [
  '/_index_template/*',
  '/_template/*',
  '/_component_template/*',
  '/_ilm/policy/*',
  '/_data_stream/*',
  '/_ingest/pipeline/*',
  '/_logstash/*',
  '/_alias/*',
  '/_aliases',
  '/:index',
  '/:index/_refresh',
  '/:index/_mapping',
  '/:index/_settings',
  '/:index/_alias/*',
];

/** The probes of Elasticsearch's shippers, without a credential: they tell nothing and change nothing. */
export function elasticProbes(scope: BytesScope, prefix: string): void {
  for (const [path, answer] of Object.entries(answers)) {
    // "/elastic" and "/elastic/" are one route, and without a prefix it is the root.
    const url = path === '/' && prefix !== '' ? prefix : prefix + path;
    scope.route({ method: ['GET', 'HEAD'], url, handler: async (_request, reply) => send(reply, answer) });
  }
  for (const path of acknowledged) {
    scope.route({
      method: ['GET', 'HEAD', 'PUT', 'POST'],
      url: prefix + path,
      handler: async (_request, reply) => send(reply, { acknowledged: true }),
    });
  }
}

/** Official clients talk to nobody who does not show this header. */
function send(reply: FastifyReply, answer: object): FastifyReply {
  return reply
    .header('x-elastic-product', 'Elasticsearch')
    .type('application/json')
    .send(JSON.stringify(answer));
}
