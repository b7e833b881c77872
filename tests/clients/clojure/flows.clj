;; The flows of tests/clients/README.md with Cognitect's aws-api, the library that Clojure programs use for AWS.
(require '[clojure.string :as string]
         '[cognitect.aws.client.api :as aws]
         '[cognitect.aws.credentials :as credentials])
(import '[java.util.concurrent ScheduledThreadPoolExecutor TimeUnit])

(def endpoint
  (let [url (java.net.URI. (System/getenv "AWS_ENDPOINT_URL"))]
    {:protocol (keyword (.getScheme url)) :hostname (.getHost url) :port (.getPort url)}))

(defn client
  ([api] (client api nil))
  ([api made]
   (aws/client (cond-> {:api api :region "us-east-1" :endpoint-override endpoint}
                 made (assoc :credentials-provider
                             (reify credentials/CredentialsProvider
                               (fetch [_] {:aws/access-key-id (:AccessKeyId made)
                                           :aws/secret-access-key (:SecretAccessKey made)
                                           :aws/session-token (:SessionToken made)})))))))

(defn refusal
  "Code and message of an answer that is one: a map, as all of them."
  [answer]
  (when (:cognitect.anomalies/category answer)
    (let [error (or (get-in answer [:ErrorResponse :Error]) (:Error answer))]
      [(:Code error) (:Message error)])))

(defn invoke [client op request]
  (let [answer (aws/invoke client {:op op :request request})]
    (if-let [[code message] (refusal answer)]
      (throw (ex-info (str message) {:code code :answer answer}))
      answer)))

(defn code-of [thunk]
  (try (thunk) nil (catch clojure.lang.ExceptionInfo error (:code (ex-data error)))))

(def role {:RoleArn (System/getenv "ROLE_ARN") :RoleSessionName "matrix"})

(defn device [] {:SerialNumber (System/getenv "MFA_SERIAL") :TokenCode (slurp (System/getenv "MFA_CODE_URL"))})

(defn buckets [answer]
  (string/join "," (map :Name (:Buckets (invoke (client :s3 (:Credentials answer)) :ListBuckets {})))))

(defn role-life []
  (let [iam (client :iam) name (System/getenv "ROLE_NAME") policy (System/getenv "POLICY_ARN")]
    (invoke iam :CreateRole {:RoleName name :AssumeRolePolicyDocument (System/getenv "TRUST")})
    (invoke iam :AttachRolePolicy {:RoleName name :PolicyArn policy})
    (doseq [one (:AttachedPolicies (invoke iam :ListAttachedRolePolicies {:RoleName name}))] (println (:PolicyName one)))
    (invoke iam :DetachRolePolicy {:RoleName name :PolicyArn policy})
    (invoke iam :DeleteRole {:RoleName name})
    (println (code-of #(invoke iam :GetRole {:RoleName name})))))

(defn form [fields]
  (string/join "&" (for [[name value] fields] (str name "=" (java.net.URLEncoder/encode value "UTF-8")))))

(defn federation []
  (let [made (:Credentials (invoke (client :sts) :AssumeRole role))
        session (format "{\"sessionId\":\"%s\",\"sessionKey\":\"%s\",\"sessionToken\":\"%s\"}"
                        (:AccessKeyId made) (:SecretAccessKey made) (:SessionToken made))
        site (str (System/getenv "AWS_ENDPOINT_URL") "/federation?")
        answer (slurp (str site (form {"Action" "getSigninToken" "Session" session})))]
    (println (str site (form {"Action" "login" "Issuer" "example.org" "Destination" "https://console.aws.amazon.com/"
                              "SigninToken" (second (re-find #"\"SigninToken\" *: *\"([^\"]+)\"" answer))})))))

(defn timer-of-the-moved-clock!
  "The library renews credentials by a timer, which waits by a clock that nothing moves on. This puts another in its place, by the clock
  that says what time it is; the function that it returns runs what is due."
  []
  (let [waiting (atom [])
        now #(System/currentTimeMillis)
        timer (proxy [ScheduledThreadPoolExecutor] [1]
                (schedule [work delay unit]
                  (swap! waiting conj {:at (+ (now) (.toMillis ^TimeUnit unit delay)) :work work})
                  nil))]
    (alter-var-root #'credentials/scheduled-executor-service (constantly (delay timer)))
    (fn []
      (let [is-due #(<= (:at %) (now))
            due (filterv is-due @waiting)]
        (swap! waiting #(vec (remove (set due) %)))
        (doseq [{:keys [work]} due] (.run ^Runnable work))))))

(defn renewal []
  (let [run-due! (timer-of-the-moved-clock!) sts (client :sts)]
    (loop []
      (run-due!)
      (println (:Arn (invoke sts :GetCallerIdentity {})))
      (when (= "again" (slurp (System/getenv "LATER_URL"))) (recur)))))

(case (first *command-line-args*)
  "identity" (println (:Arn (invoke (client :sts) :GetCallerIdentity {})))
  "renewal" (renewal)
  "federation" (federation)
  "assume-role" (let [made (invoke (client :sts) :AssumeRole role)]
                  (println (:Arn (invoke (client :sts (:Credentials made)) :GetCallerIdentity {}))))
  "assume-role-mfa" (let [sts (client :sts)]
                      (println (code-of #(invoke sts :AssumeRole role)))
                      (println (buckets (invoke sts :AssumeRole (merge role (device))))))
  "session-token-mfa" (let [sts (client :sts)]
                        (println (code-of #(buckets (invoke sts :GetSessionToken {}))))
                        (println (buckets (invoke sts :GetSessionToken (device)))))
  "role-life" (role-life)
  "denied" (try (invoke (client :sts) :AssumeRole role)
                (catch clojure.lang.ExceptionInfo error
                  (println (:code (ex-data error)))
                  (println (ex-message error)))))
(shutdown-agents)
(System/exit 0)
