import type { Scope } from '../domain/scope.js';

/**
 * Who may call a method:
 * - `open`: everyone; what the call shows is not looked at.
 * - `public`: everyone, but a key that is shown must be right; the handler may tell more to some.
 * - a scope, or one of several of which the handler asks for the one that the request needs.
 */
export type AccessRule = 'open' | 'public' | Scope | readonly Scope[];

/** The rule of every method there is, as `package.Service/Method`. A method without one is refused to all. */
export const ACCESS_RULES: Readonly<Record<string, AccessRule>> = {
  'audiosubnet.v1.TaskService/SubmitTask': 'submit',
  'audiosubnet.v1.TaskService/BatchSubmitTasks': 'submit',
  'audiosubnet.v1.TaskService/CancelTask': 'submit',
  'audiosubnet.v1.TaskService/DeleteTask': 'submit',
  'audiosubnet.v1.TaskService/GetTask': 'read',
  'audiosubnet.v1.TaskService/ListTasks': 'read',
  'audiosubnet.v1.TaskService/WatchTask': 'read',
  'audiosubnet.v1.TaskService/GetQueueStats': 'read',
  'audiosubnet.v1.WebhookService/ListWebhookDeliveries': 'read',
  'audiosubnet.v1.WebhookService/RedeliverWebhook': 'submit',
  // With a lease token it is a validator's result.
  'audiosubnet.v1.ContentService/UploadContent': ['submit', 'validate'],
  // Who uploads may ask where to go on.
  'audiosubnet.v1.ContentService/GetUpload': ['submit', 'read'],
  // With a lease token it is the input of a validator's task.
  'audiosubnet.v1.ContentService/DownloadContent': ['read', 'validate'],
  // The network is public anyway, and the health of the service needs the counts; tasks are for validators.
  'audiosubnet.v1.ValidatorIntegration/GetIntegrationInfo': 'public',
  'audiosubnet.v1.ValidatorIntegration/ListMiners': 'public',
  'audiosubnet.v1.ValidatorIntegration/GetMiner': 'public',
  'audiosubnet.v1.ValidatorIntegration/WatchPendingTasks': 'validate',
  'audiosubnet.v1.ValidatorIntegration/DescribeTask': 'validate',
  'audiosubnet.v1.ValidatorIntegration/ClaimTasks': 'validate',
  'audiosubnet.v1.ValidatorIntegration/ExtendLeases': 'validate',
  'audiosubnet.v1.ValidatorIntegration/SettleTasks': 'validate',
  'audiosubnet.v1.ValidatorIntegration/ReportMiners': 'validate',
  // Served by miners, which check the signatures of hotkeys themselves.
  'audiosubnet.v1.MinerSynapse/GetCapabilities': 'open',
  'audiosubnet.v1.MinerSynapse/Forward': 'open',
  'grpc.health.v1.Health/Check': 'open',
  'grpc.health.v1.Health/List': 'open',
  'grpc.health.v1.Health/Watch': 'open',
  'grpc.reflection.v1.ServerReflection/ServerReflectionInfo': 'open',
  'grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo': 'open',
};
