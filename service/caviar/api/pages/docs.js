// The page /docs. What it tries is sent with the session's cookie, and so with the header that a cookie needs.
SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#api",
  deepLinking: true,
  validatorUrl: null,
  requestInterceptor: (request) => {
    request.headers["Caviar-Csrf"] = "1";
    return request;
  },
});
