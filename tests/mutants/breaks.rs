//! The model's source, broken in every place where it decides: a copy in which each mutant is one number, and only the one
//! that is chosen counts. It reads the source as syntax and may not know what any of it means.

use std::collections::BTreeMap;

use quote::{ToTokens, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{Arm, BinOp, Block, Expr, ExprMatch, ImplItemFn, Item, ItemFn, ItemMod, Pat, ReturnType, Stmt, Type, UnOp};
use syn::{ExprIf, ExprWhile, parse_quote};

/// What a broken copy holds.
pub struct Broken {
    /// the source, with every mutant in it
    pub source: String,
    /// their names, in the order of their numbers
    pub mutants: Vec<String>,
}

/// Break one file; its mutants are numbered from `first` on. Functions of these names, each behind its file's, are left alone.
pub fn broken(file: &str, source: &str, first: usize, spared: &[&str]) -> Broken {
    let mut syntax = syn::parse_file(source).expect("the model's source is Rust");
    let mut breaker = Breaker {
        file,
        function: Vec::new(),
        spared,
        first,
        mutants: Vec::new(),
        seen: BTreeMap::new(),
    };
    breaker.visit_file_mut(&mut syntax);
    Broken {
        source: syntax.into_token_stream().to_string(),
        mutants: breaker.mutants,
    }
}

struct Breaker<'a> {
    file: &'a str,
    function: Vec<String>,
    spared: &'a [&'a str],
    first: usize,
    mutants: Vec<String>,
    /// how often a name was given
    seen: BTreeMap<String, usize>,
}

/// Tokens stand apart; these are written together.
const SPACES: [(&str, &str); 11] = [
    (" . ", "."),
    (" :: ", "::"),
    (" ;", ";"),
    (" ,", ","),
    (" ?", "?"),
    (" (", "("),
    ("( ", "("),
    (" )", ")"),
    (" [", "["),
    ("! ", "!"),
    ("& ", "&"),
];

/// As one line of the list shows it.
fn text(of: &impl ToTokens) -> String {
    let text = of.to_token_stream().to_string();
    let mut text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for (apart, written) in SPACES {
        text = text.replace(apart, written);
    }
    let short: String = text.chars().take(90).collect();
    if short.len() < text.len() { short + ".." } else { text }
}

/// Does a pattern name a part of what it matches? Then its arm's body is at home nowhere else.
fn binds(pat: &Pat) -> bool {
    struct Finds(bool);
    impl<'ast> syn::visit::Visit<'ast> for Finds {
        fn visit_pat_ident(&mut self, ident: &'ast syn::PatIdent) {
            self.0 |= ident.ident.to_string().starts_with(char::is_lowercase);
        }
        fn visit_field_pat(&mut self, field: &'ast syn::FieldPat) {
            self.0 |= field.colon_token.is_none();
            syn::visit::visit_field_pat(self, field);
        }
    }
    let mut finds = Finds(false);
    syn::visit::Visit::visit_pat(&mut finds, pat);
    finds.0
}

fn catches_all(arm: &Arm) -> bool {
    match &arm.pat {
        Pat::Wild(_) => true,
        Pat::Ident(ident) => ident.subpat.is_none() && ident.ident.to_string().starts_with(char::is_lowercase),
        _ => false,
    }
}

/// What only says why.
fn is_reason(expr: &Expr) -> bool {
    let path = match expr {
        Expr::Struct(of) => &of.path,
        Expr::Path(of) => &of.path,
        Expr::Call(call) => match &*call.func {
            Expr::Path(of) => &of.path,
            _ => return false,
        },
        _ => return false,
    };
    path.segments.first().is_some_and(|segment| segment.ident == "Reason")
}

impl Breaker<'_> {
    /// A mutant, as a call that asks whether it is the chosen one.
    fn mutant(&mut self, name: String) -> Expr {
        let name = format!("{} {}: {name}", self.file, self.function.join("::"));
        let count = self.seen.entry(name.clone()).or_insert(0);
        *count += 1;
        let name = if *count > 1 { format!("{name} #{count}") } else { name };
        let number = (self.first + self.mutants.len()) as u32;
        self.mutants.push(name);
        parse_quote!(crate::mutant::is(#number))
    }

    /// A condition that always holds, or never.
    fn force(&mut self, condition: &mut Expr) {
        match condition {
            Expr::Binary(binary) if matches!(binary.op, BinOp::And(_) | BinOp::Or(_)) => {
                self.force(&mut binary.left);
                self.force(&mut binary.right);
            }
            Expr::Paren(inner) => self.force(&mut inner.expr),
            Expr::Let(bound) => {
                let name = text(bound);
                self.visit_expr_mut(&mut bound.expr);
                let never = self.mutant(format!("{name} -> never"));
                *condition = parse_quote!(!#never && #condition);
            }
            _ => {
                let name = text(condition);
                self.visit_expr_mut(condition);
                let always = self.mutant(format!("{name} -> true"));
                let never = self.mutant(format!("{name} -> false"));
                *condition = parse_quote!(((#condition) || #always) && !#never);
            }
        }
    }

    fn function(&mut self, name: &syn::Ident, signature: &syn::Signature, block: &mut Block) {
        let name = name.to_string();
        let full = format!("{} {name}", self.file);
        if signature.constness.is_some() || self.spared.contains(&full.as_str()) {
            return;
        }
        self.function.push(name);
        visit_mut::visit_block_mut(self, block);
        let returned = match &signature.output {
            ReturnType::Default => vec![("()", quote!(()))],
            ReturnType::Type(_, of) => match &**of {
                Type::Path(path) => match path.path.segments.last().map(|last| last.ident.to_string()).as_deref() {
                    Some("bool") => vec![("true", quote!(true)), ("false", quote!(false))],
                    Some("Option") => vec![("None", quote!(None))],
                    Some("u64" | "i64" | "usize") => vec![("0", quote!(0))],
                    _ => Vec::new(),
                },
                _ => Vec::new(),
            },
        };
        for (shown, value) in returned {
            let chosen = self.mutant(format!("gives {shown}"));
            block.stmts.insert(0, parse_quote!(if #chosen { return #value; }));
        }
        self.function.pop();
    }

    fn either(&mut self, name: String, broken: &Expr, whole: &Expr) -> Expr {
        let chosen = self.mutant(name);
        parse_quote!((if #chosen { #broken } else { #whole }))
    }
}

/// What an operator is mistaken for.
fn mistaken(op: &BinOp) -> Option<BinOp> {
    Some(match op {
        BinOp::Eq(_) => parse_quote!(!=),
        BinOp::Ne(_) => parse_quote!(==),
        BinOp::Lt(_) => parse_quote!(<=),
        BinOp::Le(_) => parse_quote!(<),
        BinOp::Gt(_) => parse_quote!(>=),
        BinOp::Ge(_) => parse_quote!(>),
        BinOp::Add(_) => parse_quote!(-),
        BinOp::Sub(_) => parse_quote!(+),
        BinOp::Mul(_) => parse_quote!(/),
        BinOp::Div(_) => parse_quote!(*),
        BinOp::Rem(_) => parse_quote!(/),
        _ => return None,
    })
}

impl VisitMut for Breaker<'_> {
    fn visit_item_mod_mut(&mut self, _: &mut ItemMod) {} // tests, or a file of its own

    fn visit_item_mut(&mut self, item: &mut Item) {
        if matches!(item, Item::Fn(_) | Item::Impl(_) | Item::Mod(_)) {
            visit_mut::visit_item_mut(self, item);
        }
    }

    fn visit_item_fn_mut(&mut self, item: &mut ItemFn) {
        self.function(&item.sig.ident.clone(), &item.sig.clone(), &mut item.block);
    }

    fn visit_impl_item_fn_mut(&mut self, item: &mut ImplItemFn) {
        self.function(&item.sig.ident.clone(), &item.sig.clone(), &mut item.block);
    }

    fn visit_expr_if_mut(&mut self, expr: &mut ExprIf) {
        self.force(&mut expr.cond);
        self.visit_block_mut(&mut expr.then_branch);
        if let Some((_, otherwise)) = &mut expr.else_branch {
            self.visit_expr_mut(otherwise);
        }
    }

    /// A loop that never ends is no mistake that anybody makes.
    fn visit_expr_while_mut(&mut self, expr: &mut ExprWhile) {
        self.visit_block_mut(&mut expr.body);
    }

    fn visit_expr_match_mut(&mut self, expr: &mut ExprMatch) {
        self.visit_expr_mut(&mut expr.expr);
        let bodies: Vec<(bool, Expr)> = expr
            .arms
            .iter()
            .map(|arm| (binds(&arm.pat), (*arm.body).clone()))
            .collect();
        let last = expr.arms.iter().rposition(catches_all);
        for (index, arm) in expr.arms.iter_mut().enumerate() {
            let name = text(&arm.pat);
            if let Pat::Guard(guarded) = &mut arm.pat {
                self.force(&mut guarded.guard);
            }
            self.visit_expr_mut(&mut arm.body);
            if last.is_some_and(|last| index < last) {
                let gone = self.mutant(format!("arm {name} -> gone"));
                match &mut arm.pat {
                    Pat::Guard(guarded) => {
                        let guard = &guarded.guard;
                        *guarded.guard = parse_quote!(!#gone && (#guard));
                    }
                    pat => {
                        let guarded: Arm = parse_quote!(#pat if !#gone => (),);
                        arm.pat = guarded.pat;
                    }
                }
            } else if let Some((false, next)) = bodies.get(index + 1)
                && !bodies[index].0
                && !is_reason(next)
            {
                let body = self.either(format!("arm {name} -> the next arm's"), next, &arm.body);
                *arm.body = body;
            }
        }
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if is_reason(expr) {
            return;
        }
        match expr {
            Expr::Binary(binary) if matches!(binary.op, BinOp::And(_) | BinOp::Or(_)) => return self.force(expr),
            Expr::If(_) | Expr::Match(_) | Expr::While(_) => return visit_mut::visit_expr_mut(self, expr),
            _ => {}
        }
        let name = text(expr);
        let of = expr.clone();
        visit_mut::visit_expr_mut(self, expr);
        match of {
            Expr::Binary(binary) => {
                if let Some(op) = mistaken(&binary.op) {
                    let mut broken = binary.clone();
                    broken.op = op;
                    let shown = text(&op);
                    *expr = self.either(format!("{name} -> {shown}"), &Expr::Binary(broken), expr);
                }
            }
            Expr::Unary(unary) if matches!(unary.op, UnOp::Not(_)) => {
                *expr = self.either(format!("{name} -> without !"), &unary.expr, expr);
            }
            Expr::Macro(of) if of.mac.path.is_ident("matches") => {
                *expr = self.either(format!("{name} -> not"), &parse_quote!(!#of), expr);
            }
            Expr::MethodCall(call) => {
                let other = match call.method.to_string().as_str() {
                    "any" => "all",
                    "all" => "any",
                    "min" => "max",
                    "max" => "min",
                    "is_some_and" => "is_none_or",
                    "is_none_or" => "is_some_and",
                    "is_some" => "is_none",
                    "is_none" => "is_some",
                    "contains" | "contains_key" | "is_empty" | "is_store" => "",
                    _ => return,
                };
                let broken: Expr = if other.is_empty() {
                    parse_quote!(!#call)
                } else {
                    let mut broken = call.clone();
                    broken.method = syn::Ident::new(other, broken.method.span());
                    Expr::MethodCall(broken)
                };
                let shown = if other.is_empty() { "not" } else { other };
                *expr = self.either(format!("{name} -> {shown}"), &broken, expr);
            }
            Expr::Call(call) => {
                let refuses = matches!(&*call.func, Expr::Path(path) if path.path.is_ident("Refusal"));
                if let (true, Some(errno)) = (refuses, call.args.first()) {
                    let chosen = self.mutant(format!("{name} -> another errno"));
                    if let Expr::Call(call) = expr {
                        call.args[0] = parse_quote!((if #chosen { 0 } else { #errno }));
                    }
                }
            }
            _ => {}
        }
    }

    /// What is done for its effect alone, not done.
    fn visit_stmt_mut(&mut self, stmt: &mut Stmt) {
        let Stmt::Expr(of, Some(_)) = &*stmt else {
            return visit_mut::visit_stmt_mut(self, stmt);
        };
        let effect = match of {
            Expr::MethodCall(_) | Expr::Call(_) | Expr::Assign(_) | Expr::Try(_) => true,
            Expr::Binary(_) => true, // += and its like
            _ => false,
        };
        let name = text(of);
        visit_mut::visit_stmt_mut(self, stmt);
        if effect {
            let chosen = self.mutant(format!("{name} -> not done"));
            *stmt = parse_quote!(if !#chosen { #stmt });
        }
    }
}
