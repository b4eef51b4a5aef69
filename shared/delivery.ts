import { type Static, Type } from 'typebox';

/** One attempt to tell a target about an alert, or the end of the attempts. */
export const deliverySchema = Type.Object(
  {
    id: Type.String({ description: 'The `webhook-id`: the same for every attempt of one message' }),
    attempt: Type.Integer({ minimum: 0 }),
    time: Type.Integer({ description: 'UTC ms' }),
    space: Type.String(),
    alert: Type.String(),
    revision: Type.Integer({ minimum: 1 }),
    target: Type.String({ description: 'Name of the target in the configuration' }),
    state: Type.Enum(['pending', 'delivered', 'failed', 'gave_up']),
    status: Type.Union([Type.Integer(), Type.Null()], { description: "The receiver's HTTP status" }),
    reason: Type.String({ description: 'Why it failed; empty when delivered' }),
    next_attempt_at: Type.Union([Type.Integer(), Type.Null()]),
    duration_ms: Type.Number({ minimum: 0 }),
    type: Type.Optional(Type.String({ description: 'anomaly.alert.created or anomaly.alert.updated' })),
    alert_status: Type.Optional(Type.String({ description: 'Status of the alert that it tells of' })),
    severity: Type.Optional(Type.Integer({ description: 'Severity of the alert that it tells of' })),
    notification: Type.Optional(
      Type.String({ description: 'What is still to be told, JSON; absent once the attempts have ended' }),
    ),
  },
  { additionalProperties: false, $id: 'Delivery' },
);
export type Delivery = Static<typeof deliverySchema>;
