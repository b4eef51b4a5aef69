import { type Static, Type } from 'typebox';

/** Settings of the posture service: the section `posture` of `amiss.yaml`. */
export const postureSettings = Type.Object(
  {
    spaces: Type.Array(Type.String({ minLength: 1 }), {
      default: ['default'],
      description: 'Spaces that are assessed',
    }),
    assessment_days: Type.Integer({ default: 90, minimum: 1, maximum: 400, description: 'Quarterly' }),
    overdue_days: Type.Integer({ default: 7, minimum: 0, description: 'After the due date until it alerts' }),
    is_automatic: Type.Boolean({
      default: true,
      description: 'Assess when due; without, somebody has to, and is told when overdue',
    }),
    policy_file: Type.String({ default: '', description: 'policy.yaml that is applied when it changes' }),
    registry_file: Type.String({ default: '', description: 'Declared agents, applied when it changes' }),
    roles_files: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description: 'Role lists, applied when they change',
    }),
    advisories: Type.String({ default: '', description: 'Folder or URL of advisories in OSV format' }),
    files_every_seconds: Type.Integer({ default: 5, minimum: 1 }),
    findings_every_minutes: Type.Integer({
      default: 360,
      minimum: 1,
      description: 'Looks for mixed versions and for a policy that has drifted from a month of calls',
    }),
    advisories_every_minutes: Type.Integer({ default: 60, minimum: 1 }),
  },
  { additionalProperties: false },
);
export type PostureSettings = Static<typeof postureSettings>;
