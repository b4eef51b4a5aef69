import { type Static, Type } from 'typebox';
import { authSettings } from '#shared/auth/settings.ts';
import { httpSettings } from '#shared/http-settings.ts';
import { logSettings } from '#shared/log/settings.ts';
import { logLevels } from '#shared/logger.ts';
import { storeSettings } from '#shared/store/settings.ts';
import { apiSettings } from './api/settings.ts';
import { collectorSettings } from './collector/settings.ts';
import { containmentSettings } from './containment/settings.ts';
import { notifierSettings } from './notifier/settings.ts';
import { postureSettings } from './posture/settings.ts';
import { recorderSettings } from './recorder/settings.ts';
import { scorerSettings } from './scorer/settings.ts';

/**
 * Everything that `amiss.yaml` may say, one section a service or seam. Each section lives beside the code that reads
 * it; this file only joins them.
 */
export const settingsSchema = Type.Object(
  {
    data: Type.String({ default: 'amiss-data', description: 'Data folder' }),
    listen: Type.String({ default: '127.0.0.1:8470', description: 'host:port of ingest and API' }),
    hosts: Type.Array(Type.String(), { default: [], description: 'Host names under which clients may call' }),
    log_level: Type.Enum([...logLevels], { default: 'info' }),
    log: logSettings,
    store: storeSettings,
    collector: collectorSettings,
    notifier: notifierSettings,
    containment: containmentSettings,
    posture: postureSettings,
    recorder: recorderSettings,
    scorer: scorerSettings,
    http: httpSettings,
    auth: authSettings,
    api: apiSettings,
  },
  { additionalProperties: false },
);

export type Settings = Static<typeof settingsSchema>;
