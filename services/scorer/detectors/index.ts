import { anonymousCall } from './anonymous-call.ts';
import { beacon } from './beacon.ts';
import { bytesIn } from './bytes-in.ts';
import { bytesOut } from './bytes-out.ts';
import { bytesTotal } from './bytes-total.ts';
import { cardChange } from './card-change.ts';
import { certificateChange } from './certificate-change.ts';
import { certificateExpiry } from './certificate-expiry.ts';
import { certificateMismatch } from './certificate-mismatch.ts';
import type { Detector } from './detector.ts';
import { edgeBurst } from './edge-burst.ts';
import { failures } from './failures.ts';
import { fanOut } from './fan-out.ts';
import { firstCrossing } from './first-crossing.ts';
import { forbiddenCrossing } from './forbidden-crossing.ts';
import { identityMismatch } from './identity-mismatch.ts';
import { latency } from './latency.ts';
import { lateralChain } from './lateral-chain.ts';
import { missingMfa } from './missing-mfa.ts';
import { mtlsLost } from './mtls-lost.ts';
import { newEdge } from './new-edge.ts';
import { newResource } from './new-resource.ts';
import { observersDisagree } from './observers-disagree.ts';
import { outdatedVersion } from './outdated-version.ts';
import { plaintext } from './plaintext.ts';
import { rareAction } from './rare-action.ts';
import { rareCaller } from './rare-caller.ts';
import { rareHour } from './rare-hour.ts';
import { sequence } from './sequence.ts';
import { shadowAgent } from './shadow-agent.ts';
import { shipperMismatch } from './shipper-mismatch.ts';
import { silence } from './silence.ts';
import { slowAgent } from './slow-agent.ts';
import { slowRamp } from './slow-ramp.ts';
import { tlsBelowPolicy } from './tls-below-policy.ts';
import { tlsDowngrade } from './tls-downgrade.ts';
import { tokenAlgorithm } from './token-algorithm.ts';
import { tokenAudience } from './token-audience.ts';
import { tokenExpired } from './token-expired.ts';
import { tokenIssuer } from './token-issuer.ts';
import { tokenLife } from './token-life.ts';
import { tokenRotation } from './token-rotation.ts';
import { tokenScope } from './token-scope.ts';
import { tokenShared } from './token-shared.ts';
import { toolChange } from './tool-change.ts';
import { turnedSession } from './turned-session.ts';
import { volume } from './volume.ts';
import { vulnerableVersion } from './vulnerable-version.ts';
import { weakCipher } from './weak-cipher.ts';

/** Every detector, in the order in which their evidence is listed when it is equally strong. */
export const detectors: readonly Detector[] = [
  newEdge,
  rareCaller,
  lateralChain,
  volume,
  edgeBurst,
  fanOut,
  slowRamp,
  bytesOut,
  bytesIn,
  bytesTotal,
  beacon,
  silence,
  rareHour,
  latency,
  slowAgent,
  failures,
  rareAction,
  newResource,
  sequence,
  turnedSession,
  observersDisagree,
  shipperMismatch,
  identityMismatch,
  certificateMismatch,
  anonymousCall,
  missingMfa,
  shadowAgent,
  tokenExpired,
  tokenShared,
  tokenScope,
  tokenAudience,
  tokenIssuer,
  tokenAlgorithm,
  tokenLife,
  tokenRotation,
  plaintext,
  tlsDowngrade,
  mtlsLost,
  tlsBelowPolicy,
  weakCipher,
  certificateChange,
  certificateExpiry,
  forbiddenCrossing,
  firstCrossing,
  toolChange,
  cardChange,
  outdatedVersion,
  vulnerableVersion,
];
